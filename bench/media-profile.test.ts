import { describe, expect, it } from 'vitest';
import { secondsByPart } from './media-profile.ts';

/** A node of a call tree; `file`: below the repository, or '' for code of Node and of V8. */
function node(id: number, functionName: string, file: string, children: readonly number[] = []) {
  const url = file === '' ? '' : `file:///somewhere/${file}`;
  const callFrame = { functionName, scriptId: '0', url, lineNumber: 0, columnNumber: 0 };
  return { id, callFrame, children: [...children] };
}

describe('secondsByPart', () => {
  it('counts each sample for the nearest part up its stack, helpers for whoever called them', () => {
    const nodes = [
      node(1, '(root)', '', [2, 6, 7, 8]),
      node(2, 'onPacket', 'src/session/caller-clocks.ts', [3, 5]),
      node(3, 'analyse', 'src/audio/own-voice/band-levels.ts', [4]),
      node(4, 'magnitudesOfTwo', 'src/audio/silero/spectrum.ts'),
      node(5, 'observePacket', 'src/latency/clock-map.ts'),
      node(6, '(garbage collector)', ''),
      node(7, '(idle)', ''),
      node(8, 'send', ''),
    ];
    const profile = {
      nodes,
      startTime: 0,
      endTime: 10_000_000,
      samples: [4, 5, 2, 6, 7, 8],
      timeDeltas: [0, 3_000_000, 1_000_000, 500_000, 250_000, 4_000_000, 125_000],
    };
    expect(secondsByPart(profile)).toEqual([
      ['own voice', 3],
      ['account', 1.5],
      ['garbage collection', 0.25],
      ['Node, called by nobody', 0.125],
    ]);
  });
});
