// A history as the AI SDK's messages. A history that only grows makes prompts that only grow: each begins with the messages
// of the one before, so that prompt caches hit.

import type { AssistantModelMessage, ModelMessage, ToolModelMessage, ToolResultPart } from 'ai';

import type { Message, ToolExchange, ToolOutcome } from '../turns/history.ts';

/** What a model reads at the end of a reply that the caller cut off. */
const INTERRUPTED = '[the caller interrupted here and heard nothing beyond this point]';
/** What it reads instead of a result that isn't there yet. */
const RUNNING = '[still running: its result is not known yet; do not call it again]';

/**
 * Calls are put as the model made them: together with the text before them, and with each other where it made several.
 * `begun`: what the model is to go on from. It is told so beside the caller's words: of a message of its own at the end, some
 * models make a new answer, and others refuse it.
 */
export function promptOf(
  messages: readonly Message[],
  { begun }: { readonly begun?: string | undefined } = {},
): ModelMessage[] {
  const prompt: ModelMessage[] = [];
  const answered = messages.findLastIndex(({ role }) => role === 'user');
  for (const [index, message] of messages.entries()) {
    switch (message.role) {
      case 'user':
        prompt.push({ role: 'user', content: index === answered ? asked(message.text, begun) : message.text });
        break;
      case 'assistant':
        prompt.push({ role: 'assistant', content: spokenText(message) });
        break;
      case 'tool': {
        if (message.withPrevious && messages[index - 1]?.role === 'tool') break;
        const before = messages[index - 1];
        const said = before?.role === 'assistant' && !before.interrupted ? before.text : '';
        if (said !== '') prompt.pop();
        const calls = callsTogether(messages, index);
        prompt.push(callMessage(said, calls), resultMessage(calls));
        break;
      }
    }
  }
  return prompt;
}

/** The results of calls that were made at once, as they follow them. */
export function resultMessage(exchanges: readonly ToolExchange[]): ToolModelMessage {
  return {
    role: 'tool',
    content: exchanges.map(({ callId, tool, outcome }) => ({
      type: 'tool-result',
      toolCallId: callId,
      toolName: tool,
      output: outputOf(outcome),
    })),
  };
}

function asked(text: string, begun: string | undefined): string {
  if (begun === undefined) return text;
  return `${text}\n\n[you have begun to answer aloud, with the words: "${begun.trim()}" Write only what comes after them, as their continuation, without repeating them]`;
}

function spokenText({ text, interrupted }: Extract<Message, { role: 'assistant' }>): string {
  return interrupted ? `${text} ${INTERRUPTED}`.trimStart() : text;
}

function callsTogether(messages: readonly Message[], start: number): readonly ToolExchange[] {
  const calls: ToolExchange[] = [];
  for (const message of messages.slice(start)) {
    if (message.role !== 'tool' || (calls.length > 0 && !message.withPrevious)) break;
    calls.push(message);
  }
  return calls;
}

function callMessage(said: string, exchanges: readonly ToolExchange[]): AssistantModelMessage {
  const calls = exchanges.map(
    ({ callId, tool, input }) => ({ type: 'tool-call', toolCallId: callId, toolName: tool, input }) as const,
  );
  return { role: 'assistant', content: said === '' ? calls : [{ type: 'text', text: said }, ...calls] };
}

function outputOf(outcome: ToolOutcome): ToolResultPart['output'] {
  switch (outcome.status) {
    case 'running':
      return { type: 'text', value: RUNNING };
    case 'failed':
      return { type: 'error-text', value: outcome.reason };
    case 'done': {
      const { output } = outcome;
      return typeof output === 'string' ? { type: 'text', value: output } : { type: 'json', value: output };
    }
  }
}
