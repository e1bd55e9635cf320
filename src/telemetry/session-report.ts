// What a call was: one JSON file with its settings, its turns and its faults. Holds the words of callers, and no keys.

import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';

import type { BargeInAccount } from '../latency/barge-in-account.ts';
import type { TurnAccount } from '../latency/turn-account.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import type { FinishedTurn, OwnLeg } from './finished-turn.ts';
import { Disclosure } from './disclosure.ts';
import { sessionStatistics, statisticsSchema } from './session-statistics.ts';

const spanSchema = z.object({
  name: z.string(),
  ms: z.number().nonnegative(),
  errorMs: z.number().nonnegative().optional().describe('How far `ms` may be off.'),
});

/** What is known of a spoken turn for good. What nobody knows is absent. */
const accountSchema = z.object({
  glassToGlassMs: z
    .number()
    .nonnegative()
    .describe(
      "From the end of the caller's speech to the first audible sample of the answer, each on their own track.",
    ),
  errorMs: z.number().nonnegative().describe('How far that may be off, in 19 of 20 turns.'),
  basis: z.enum(['reported', 'estimated', 'unknown']).describe("How it is known what happened at the caller's side."),
  unknown: z.array(z.string()).readonly().describe('Spans that nobody knows.'),
  hidden: z
    .array(
      z.object({
        name: z.string(),
        startMs: z.number().describe('From the beginning of the gap; less than 0: while the caller still spoke.'),
        ms: z.number().nonnegative(),
      }),
    )
    .readonly()
    .describe('Work that took none of the gap: done before, or beside.'),
  drafts: z.object({
    outcome: z.enum(['hit', 'miss', 'none']),
    prepared: z.number().int().nonnegative(),
    savedMs: z.number().nonnegative(),
    wastedTokens: z.number().nonnegative().describe('Of what was thrown away, prompts included.'),
    wastedTokenBasis: z
      .enum(['counted', 'estimated'])
      .describe('By the model; or some of it from the length of texts, where a request was aborted.'),
    wastedCharacters: z.number().nonnegative(),
  }),
});

const bargeInSchema = z
  .object({
    bargeInMs: z
      .number()
      .nonnegative()
      .optional()
      .describe("From the caller's first sound to the last audible sample of the reply, each on their own track."),
    errorMs: z.number().nonnegative().optional().describe('How far that may be off.'),
    basis: z.enum(['reported', 'estimated', 'unknown']),
    spans: z.array(spanSchema).readonly().describe('Contiguous: of the whole as far as it is known.'),
  })
  .describe('The caller ended the reply by speaking.');

/** A turn as the session tells of it; a later report on the same turn replaces the earlier one. */
export const reportedTurnSchema = z.object({
  turn: z.number().int().positive().optional().describe('Counts from 1; absent where no turn is answered.'),
  kind: z
    .string()
    .describe(
      '`reply`, `greeting`, `apology`, `reprompt`, `goodbye`; in place of `reply`, where there is no gap to measure, `text` or `dtmf`: the caller did not speak, or `cutIn`: the answer was heard before they had finished.',
    ),
  source: z.enum(['voice', 'text', 'dtmf']).optional(),
  transcript: z.string().optional().describe('What the caller said.'),
  unconfirmed: z.literal(true).optional().describe('It was answered before the final transcript had come.'),
  reply: z.string().optional().describe('The whole reply, heard or not.'),
  heardText: z.string().optional().describe('What of it reached the caller; absent where the call ended meanwhile.'),
  responseMs: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      "From the arrival of the caller's last voiced audio to the first audible packet sent, openers not counted.",
    ),
  openerMs: z.number().nonnegative().optional().describe('The same to the first audible packet of the opener.'),
  ...accountSchema.partial().shape,
  bargeIn: bargeInSchema.optional(),
  ownLeg: z
    .object({
      roundTripMs: z.number().nonnegative().optional(),
      interarrivalJitterMs: z.number().nonnegative(),
      fractionLost: z.number().nonnegative().max(1),
    })
    .optional()
    .describe("The agent's way to the server alone, by its receiver reports, when the reply was over."),
  spans: z
    .array(spanSchema)
    .readonly()
    .describe('Contiguous: of the whole gap as far as it is known, else of `responseMs`.'),
  error: z.string().optional(),
});

export const sessionReportSchema = z.object({
  version: z.literal(1),
  call: z.object({
    room: z.string(),
    identity: z.string().describe("The agent's."),
    callers: z.array(z.string()).describe('Identities of those whom the agent listened to, in order.'),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional().describe('Absent while the call goes on, or where the process was killed.'),
    endReason: z.string().optional(),
  }),
  settings: z.record(z.string(), z.unknown()),
  stages: z.object({ stt: z.string(), llm: z.string(), tts: z.string() }),
  turns: z.array(reportedTurnSchema),
  statistics: statisticsSchema,
  errors: z.array(z.object({ at: z.iso.datetime(), message: z.string() })),
});

export type ReportedTurn = z.infer<typeof reportedTurnSchema>;
export type SessionReport = z.infer<typeof sessionReportSchema>;

/** A turn as it was told while it went on, and what became known of it for good. */
interface Entry {
  told: ReportedTurn;
  finished: FinishedTurn | undefined;
}

export interface SessionReportOptions {
  readonly path: string;
  readonly room: string;
  readonly identity: string;
  /** Complete, defaults included. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly stages: SessionReport['stages'];
  /** What of the words and numbers of callers is written, faults that quote them included. Default: all. */
  readonly disclosure?: Disclosure;
  readonly clock?: Clock;
}

const EVERYTHING = new Disclosure({ content: true });
/** In the place of a fault that may not be told. */
const KEPT_BACK = '(not disclosed)';

/** Collects what happens in one call; the file is written at its beginning and at its end, whole or not at all. */
export class SessionReportFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #disclosure: Disclosure;
  readonly #report: Omit<SessionReport, 'turns' | 'statistics'>;
  readonly #entries: Entry[] = [];

  /** Writes a first version, so that a bad path shows now. Throws a `ConfigurationError`. */
  static async create(options: SessionReportOptions): Promise<SessionReportFile> {
    const file = new SessionReportFile(options, await writablePath(options.path));
    await file.#write();
    return file;
  }

  private constructor(options: SessionReportOptions, path: string) {
    const { room, identity, settings, stages, disclosure = EVERYTHING, clock = systemClock } = options;
    this.#disclosure = disclosure;
    this.#path = path;
    this.#clock = clock;
    this.#report = {
      version: 1,
      call: { room, identity, callers: [], startedAt: this.#now() },
      settings: { ...settings },
      stages,
      errors: [],
    };
  }

  get turnCount(): number {
    return this.#entries.length;
  }

  addCaller(identity: string): void {
    const { callers } = this.#report.call;
    const shown = this.#disclosure.shown(identity);
    if (shown !== undefined && !callers.includes(shown)) callers.push(shown);
  }

  addTurn(turn: ReportedTurn): void {
    // Without a number (a greeting): the one of its kind that is still being spoken.
    const earlier = this.#entries.find(({ told }) =>
      turn.turn === undefined
        ? told.turn === undefined && told.kind === turn.kind && told.heardText === undefined
        : told.turn === turn.turn && told.kind === turn.kind,
    );
    if (earlier === undefined) this.#entries.push({ told: turn, finished: undefined });
    else earlier.told = turn;
  }

  /** What is known of a turn for good; nothing for one that has not been told of. */
  addFinished(turn: FinishedTurn): void {
    const entry = this.#entries.find(
      ({ told, finished }) => finished === undefined && told.turn === turn.number && told.kind === turn.replyKind,
    );
    if (entry !== undefined) entry.finished = turn;
  }

  addError(error: unknown): void {
    const message = this.#disclosure.shown(error instanceof Error ? error.message : String(error));
    this.#report.errors.push({ at: this.#now(), message: message ?? KEPT_BACK });
  }

  /** Writes the file for good. Throws a `ConfigurationError` when the disk doesn't take it. */
  async end(reason: string): Promise<void> {
    const { call } = this.#report;
    call.endedAt = this.#now();
    call.endReason = reason;
    await this.#write();
  }

  #now(): string {
    return new Date(this.#clock.epochMs()).toISOString();
  }

  async #write(): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      const turns = this.#entries.map((entry) => disclosed(reportedTurn(entry), this.#disclosure));
      const { errors, ...beginning } = this.#report;
      const report: SessionReport = { ...beginning, turns, statistics: sessionStatistics(turns), errors };
      // What people said is for whoever asked for it alone.
      await writeFile(temporary, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
      await rename(temporary, this.#path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined); // there may be no folder, either
      throw notWritable(this.#path, reasonOf(cause), cause);
    }
  }
}

/** Without what may not be told. */
function disclosed(
  { transcript, reply, heardText, error, ...turn }: ReportedTurn,
  disclosure: Disclosure,
): ReportedTurn {
  const texts = Object.entries({ transcript, reply, heardText, error }).flatMap(([name, text]) => {
    const shown = disclosure.shown(text);
    return shown === undefined ? [] : [[name, shown]];
  });
  return { ...turn, ...Object.fromEntries(texts) };
}

function reportedTurn({ told, finished }: Entry): ReportedTurn {
  if (finished === undefined) return told;
  const { account, drafts, ownLeg } = finished;
  const bargeIn = finished.bargeIn && bargeInOf(finished.bargeIn);
  const more = { ...(drafts && { drafts }), ...(bargeIn && { bargeIn }), ...(ownLeg && { ownLeg: ownLegOf(ownLeg) }) };
  if (finished.kind === 'cutIn') return { ...withoutGap(told), kind: 'cutIn', ...more };
  const kind = finished.replyKind === 'reply' && finished.kind !== 'answer' ? finished.kind : told.kind;
  return {
    ...told,
    kind,
    ...(account && accountOf(account)),
    ...more,
  };
}

function ownLegOf({ roundTripMs, interarrivalJitterMs, fractionLost }: OwnLeg): ReportedTurn['ownLeg'] {
  return { ...(roundTripMs !== undefined && { roundTripMs }), interarrivalJitterMs, fractionLost };
}

function bargeInOf({ bargeInMs, errorMs, basis, spans }: BargeInAccount): ReportedTurn['bargeIn'] {
  return {
    ...(bargeInMs !== undefined && { bargeInMs }),
    ...(errorMs !== undefined && { errorMs }),
    basis,
    spans: spans.map(({ name, ms, errorMs: spanErrorMs }) => ({ name, ms, errorMs: spanErrorMs })),
  };
}

/** What was heard before the caller had finished answers nobody's waiting. */
function withoutGap(told: ReportedTurn): ReportedTurn {
  const turn = { ...told, spans: [] };
  delete turn.responseMs;
  return turn;
}

function accountOf({
  glassToGlassMs,
  errorMs,
  responseMs,
  basis,
  spans,
  unknown,
  hidden,
}: TurnAccount): Partial<ReportedTurn> {
  const beginsAtMs = spans[0]?.startAtMs ?? 0;
  return {
    ...(glassToGlassMs !== undefined && { glassToGlassMs }),
    ...(errorMs !== undefined && { errorMs }),
    responseMs,
    basis,
    spans: spans.map(({ name, ms, errorMs: spanErrorMs }) => ({ name, ms, errorMs: spanErrorMs })),
    unknown,
    hidden: hidden.map(({ name, startAtMs, ms }) => ({ name, startMs: startAtMs - beginsAtMs, ms })),
  };
}

/** Where a symbolic link leads, so that the link itself stays; devices and folders are refused. */
async function writablePath(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    if ((await stat(target)).isFile()) return target;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return resolve(path);
    throw notWritable(path, reasonOf(error), error);
  }
  throw notWritable(path, 'it is there already and no regular file');
}

function notWritable(path: string, reason: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`The report can't be written to ${path}: ${reason}.`, { cause });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such folder' : error.message;
}
