// The batch variant of this stage: the reply in one piece, once it is whole (`streaming.llm = false`).

import { type ReplyModel, textOf, type ToolHost } from './port.ts';

/** Says the same words as `model`, later. A reply that fails on its way says nothing. */
export function batchReplies(model: ReplyModel): ReplyModel {
  return {
    // A spread of `model` would lose the methods of its class.
    name: model.name,
    async *reply(messages, { tools, ...options }) {
      const { signal } = options;
      const host = typeof tools === 'object' ? withoutFiller(tools) : tools;
      let text = '';
      for await (const part of model.reply(messages, { ...options, ...(host && { tools: host }) }))
        text += textOf(part);
      if (text !== '' && !signal.aborted) yield text;
    },
    warmUp: async (options) => model.warmUp?.(options),
    close: async () => model.close?.(),
  };
}

/** What is said while a tool is at work would come together with the answer: it is left out. */
function withoutFiller(tools: ToolHost): ToolHost {
  return {
    committed: new Promise<void>(() => undefined),
    settled: () => tools.settled(),
    onCall: tools.onCall.bind(tools),
  };
}
