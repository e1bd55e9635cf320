// The batch variant of this stage: the reply in one piece, once it is whole (`streaming.llm = false`).

import type { ReplyModel } from './port.ts';

/** Says the same words as `model`, later. A reply that fails on its way says nothing. */
export function batchReplies(model: ReplyModel): ReplyModel {
  return {
    // A spread of `model` would lose the methods of its class.
    name: model.name,
    async *reply(messages, { signal }) {
      let text = '';
      for await (const piece of model.reply(messages, { signal })) text += piece;
      if (text !== '' && !signal.aborted) yield text;
    },
    warmUp: async (options) => model.warmUp?.(options),
    close: async () => model.close?.(),
  };
}
