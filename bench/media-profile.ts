// Where the CPU time of the media benchmark goes, by parts of the house: a V8 CPU profile of the agent, each sample of which
// counts for the nearest part up its stack. Pure but for `startProfile`.

import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';

/** Fine enough for a part that takes 0.1 s a minute to be known to a tenth. */
const SAMPLING_INTERVAL_US = 1000;

/**
 * Files by part, the first that matches. What is not named, shared helpers and Node's own code among it, counts for whoever
 * called it. Whatever a promise runs on has lost its caller: the account's part without the messages that it sends.
 */
const PARTS: readonly (readonly [part: string, files: RegExp])[] = [
  ['Opus', /\/src\/opus\/|\/opusscript\/|^wasm:/],
  ['voice activity', /\/src\/audio\/(silero\/(model|accumulate)|voice-activity)/],
  ['own voice', /\/src\/(audio\/(own-voice|echo-gate)|session\/(caller-echo|on-air))/],
  ['key tones', /\/src\/audio\/dtmf-tones/],
  [
    'account',
    /\/src\/(latency\/|session\/(caller-clocks|caller-page|page-messages|turn-accounts|finished-turns)\.|telemetry\/)/,
  ],
  [
    'data messages',
    /\/werift\/lib\/sctp\/|\/werift\/.*(dataChannel|sctp)|\/room\/livekit\/(data-packets|text-streams)/,
  ],
  ['transport', /\/werift\/|\/src\/room\//],
  ['order and audio time', /\/src\/(jitter|session\/(caller-audio|audio-ticker)|audio\/(audio-clock|speech-edge))/],
  ['playout', /\/src\/audio\/(playout|outgoing-track|speech|fade|lateness)/],
  ['turns', /\/src\/(turns|session|llm|stt|tts)\//],
  ['benchmark', /\/bench\//],
];

/** V8's own, which no script has called. */
const ROOTS: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(idle)', 'idle'],
  ['(program)', 'Node and V8 outside of JavaScript'],
]);
const UNKNOWN = 'Node, called by nobody';

/** Seconds of CPU by part, idle time left out; the largest first. */
export type PartSeconds = readonly (readonly [part: string, seconds: number])[];

/** Profiles this process until the returned function is called. */
export async function startProfile(): Promise<() => Promise<Profiler.Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  };
}

export function secondsByPart({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): PartSeconds {
  const partOf = partsOfNodes(nodes);
  const microseconds = new Map<string, number>();
  for (const [index, node] of samples.entries()) {
    const part = partOf.get(node) ?? UNKNOWN;
    // A delta is the time before its sample: the sample's own lasts until the next.
    microseconds.set(part, (microseconds.get(part) ?? 0) + (timeDeltas[index + 1] ?? 0));
  }
  microseconds.delete('idle');
  return [...microseconds].map(([part, us]) => [part, us / 1e6] as const).toSorted((one, other) => other[1] - one[1]);
}

/** The part that each node of the call tree counts for: its own file's, else its caller's. */
function partsOfNodes(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, string>();
  const visit = (node: Profiler.ProfileNode, inherited: string): void => {
    const { url, functionName } = node.callFrame;
    const part = ROOTS.get(functionName) ?? PARTS.find(([, files]) => files.test(url))?.[0] ?? inherited;
    parts.set(node.id, part);
    for (const child of node.children ?? []) {
      const next = byId.get(child);
      if (next !== undefined) visit(next, part);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, UNKNOWN);
  return parts;
}
