import { describe, expect, it, vi } from 'vitest';

import { run, start } from './processes.mjs';

// A quiet program has ended only when nobody can write to its output any more, so a child of its own that lived on
// would keep these tests waiting.
const withGrandchild = (then: string): [string, string[]] => ['sh', ['-c', `sleep 600 & echo started; ${then}`]];

describe('processes', () => {
  it('stops a program together with its children', async () => {
    const program = start(...withGrandchild('wait'), { quiet: true });
    await vi.waitUntil(() => program.output() !== '');
    await program.stop();
    expect(await program.ended).toEqual({ ok: false, reason: 'signal SIGTERM' });
    await program.stop();
  });

  it('leaves nothing of a program that ended by itself', async () => {
    expect(await run(...withGrandchild('exit 0'), { quiet: true })).toBe('started\n');
  });

  it('stops a program when its signal is aborted', async () => {
    const controller = new AbortController();
    const running = run('sleep', ['600'], { signal: controller.signal });
    controller.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');
  });

  it('says what failed, and what it printed', async () => {
    await expect(run('sh', ['-c', 'echo no space left >&2; exit 3'], { quiet: true })).rejects.toThrow(
      /exit code 3\nno space left/,
    );
    await expect(run('no-such-program', [])).rejects.toThrow('ENOENT');
  });
});
