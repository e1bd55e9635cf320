// What every implementation of the reply model port must do.

import { describe, expect, it } from 'vitest';
import { type ReplyModel, type ReplyPart, textOf, UNINTELLIGIBLE } from '../../src/llm/port.ts';

export interface ReplyModelSubject {
  /** One that answers a greeting. */
  make(): ReplyModel;
  /** One that says nothing yet when it is aborted at once. */
  makeSilent(): ReplyModel;
  /** One that fails, at once or after some text. */
  makeBroken(): ReplyModel;
  /** Whether a reply comes in pieces (several of them for a greeting) or in one. */
  readonly pieces: 'several' | 'one';
  /** Whether the same question always has the same answer; not so where a real model is asked. */
  readonly deterministic: boolean;
}

const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });
const hello = [{ role: 'user', text: 'Hello!' }] as const;

async function collect(stream: AsyncIterable<ReplyPart>): Promise<string[]> {
  const tokens: string[] = [];
  for await (const part of stream) tokens.push(textOf(part));
  return tokens;
}

export function describeReplyModel(name: string, subject: ReplyModelSubject): void {
  describe(`${name} as reply model`, () => {
    it(`gives its reply in ${subject.pieces} without empty ones among them`, async () => {
      const tokens = await collect(subject.make().reply(hello, live()));
      expect(tokens).not.toHaveLength(0);
      expect(tokens.length > 1).toBe(subject.pieces === 'several');
      expect(tokens.every((token) => token !== '')).toBe(true);
    });

    it('answers a caller who could not be understood, and one who interrupted', async () => {
      const messages = [
        ...hello,
        { role: 'assistant', text: 'Good eve', interrupted: true },
        { role: 'user', text: UNINTELLIGIBLE },
      ] as const;
      expect(await collect(subject.make().reply(messages, live()))).not.toHaveLength(0);
    });

    it('goes on from what has been said already, and does without tools', async () => {
      const model = subject.make();
      expect(await collect(model.reply(hello, { ...live(), begun: 'Well, ' }))).not.toHaveLength(0);
      expect(await collect(model.reply(hello, { ...live(), tools: 'none' }))).not.toHaveLength(0);
    });

    it('answers two callers at once', async () => {
      const model = subject.make();
      const replies = await Promise.all([model.reply(hello, live()), model.reply(hello, live())].map(collect));
      for (const reply of replies) expect(reply.join('')).not.toBe('');
    });

    if (subject.deterministic) {
      it('gives both the same answer', async () => {
        const model = subject.make();
        const replies = await Promise.all([model.reply(hello, live()), model.reply(hello, live())].map(collect));
        expect(replies[0]).toEqual(replies[1]);
      });
    }

    it('says nothing, and does not throw, when it was aborted before', async () => {
      expect(await collect(subject.make().reply(hello, { signal: AbortSignal.abort() }))).toEqual([]);
    });

    it('ends quietly when aborted in the middle', async () => {
      const controller = new AbortController();
      const tokens: string[] = [];
      for await (const part of subject.make().reply(hello, { signal: controller.signal })) {
        tokens.push(textOf(part));
        controller.abort();
      }
      expect(tokens).toHaveLength(1);
    });

    it('ends quietly when aborted while it is silent', async () => {
      const controller = new AbortController();
      const reply = collect(subject.makeSilent().reply(hello, { signal: controller.signal }));
      setImmediate(() => controller.abort());
      expect(await reply).toEqual([]);
    });

    it('lets its reader leave early', async () => {
      for await (const token of subject.make().reply(hello, live())) {
        expect(token).not.toBe('');
        break;
      }
    });

    it('gets ready any number of times, and answers after that', async () => {
      const model = subject.make();
      await model.warmUp?.(live());
      await model.warmUp?.(live());
      await model.warmUp?.({ signal: AbortSignal.abort() });
      expect(await collect(model.reply(hello, live()))).not.toHaveLength(0);
    });

    it('may be closed more than once', async () => {
      const model = subject.make();
      expect(await collect(model.reply(hello, live()))).not.toHaveLength(0);
      await model.close?.();
      await model.close?.();
    });

    it('throws a StageError that names the model', async () => {
      const broken = subject.makeBroken();
      await expect(collect(broken.reply(hello, live()))).rejects.toMatchObject({
        name: 'StageError',
        code: 'LLM',
        message: expect.stringContaining(broken.name),
      });
    });
  });
}
