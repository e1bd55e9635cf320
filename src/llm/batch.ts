// The batch variant of this stage: the reply in one piece, once it is whole (`streaming.llm = false`).

import { type ReplyModel, textOf } from './port.ts';

/** Says the same words as `model`, later. A reply that fails on its way says nothing. */
export function batchReplies(model: ReplyModel): ReplyModel {
  return {
    // A spread of `model` would lose the methods of its class.
    name: model.name,
    async *reply(messages, { signal, tools }) {
      // What is said while a tool is at work would come together with the answer: it is left out.
      const host = tools && {
        committed: new Promise<void>(() => undefined),
        settled: () => tools.settled(),
        onCall: tools.onCall.bind(tools),
      };
      let text = '';
      for await (const part of model.reply(messages, { signal, ...(host && { tools: host }) })) text += textOf(part);
      if (text !== '' && !signal.aborted) yield text;
    },
    warmUp: async (options) => model.warmUp?.(options),
    close: async () => model.close?.(),
  };
}
