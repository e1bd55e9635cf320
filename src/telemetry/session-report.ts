// What a call was: one JSON file with its settings, its turns and its faults. Holds the words of callers, and no keys.

import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';

import { systemClock, type Clock } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';

/** A turn as the session tells of it; a later report on the same turn replaces the earlier one. */
export const reportedTurnSchema = z.object({
  turn: z.number().int().positive().optional().describe('Counts from 1; absent where no turn is answered.'),
  kind: z.string().describe('`reply`, `greeting`, `apology` …'),
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
  spans: z.array(z.object({ name: z.string(), ms: z.number().nonnegative() })).readonly(),
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
  errors: z.array(z.object({ at: z.iso.datetime(), message: z.string() })),
});

export type ReportedTurn = z.infer<typeof reportedTurnSchema>;
export type SessionReport = z.infer<typeof sessionReportSchema>;

export interface SessionReportOptions {
  readonly path: string;
  readonly room: string;
  readonly identity: string;
  /** Complete, defaults included. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly stages: SessionReport['stages'];
  readonly clock?: Clock;
}

/** Collects what happens in one call; the file is written at its beginning and at its end, whole or not at all. */
export class SessionReportFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #report: SessionReport;

  /** Writes a first version, so that a bad path shows now. Throws a `ConfigurationError`. */
  static async create(options: SessionReportOptions): Promise<SessionReportFile> {
    const file = new SessionReportFile(options, await writablePath(options.path));
    await file.#write();
    return file;
  }

  private constructor({ room, identity, settings, stages, clock = systemClock }: SessionReportOptions, path: string) {
    this.#path = path;
    this.#clock = clock;
    this.#report = {
      version: 1,
      call: { room, identity, callers: [], startedAt: this.#now() },
      settings: { ...settings },
      stages,
      turns: [],
      errors: [],
    };
  }

  get turnCount(): number {
    return this.#report.turns.length;
  }

  addCaller(identity: string): void {
    if (!this.#report.call.callers.includes(identity)) this.#report.call.callers.push(identity);
  }

  addTurn(turn: ReportedTurn): void {
    const { turns } = this.#report;
    // Without a number (a greeting): the one of its kind that is still being spoken.
    const earlier = turns.findIndex((one) =>
      turn.turn === undefined
        ? one.turn === undefined && one.kind === turn.kind && one.heardText === undefined
        : one.turn === turn.turn && one.kind === turn.kind,
    );
    turns.splice(earlier === -1 ? turns.length : earlier, 1, turn);
  }

  addError(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#report.errors.push({ at: this.#now(), message });
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
      await writeFile(temporary, `${JSON.stringify(this.#report, null, 2)}\n`);
      await rename(temporary, this.#path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined); // there may be no folder, either
      throw notWritable(this.#path, reasonOf(cause), cause);
    }
  }
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
