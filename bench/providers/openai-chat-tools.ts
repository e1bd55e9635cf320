// Tools in OpenAI's chat completions: how requests declare them, how answers call them, bit by bit in a stream, and how the
// results come back. https://platform.openai.com/docs/guides/function-calling, /docs/api-reference/chat-streaming/streaming
// Left out: custom tools, allowed_tools.

import { z } from 'zod';

import type { ErrorBody } from './openai-chat-protocol.ts';

/** As the reference has it: letters, digits, underscores and dashes, at most 64. */
const toolName = z.string().regex(/^[\w-]{1,64}$/);

export const toolDeclaration = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: toolName,
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }).optional(),
    strict: z.boolean().nullish(),
  }),
});

export const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: toolName }) }),
]);

/** Of an assistant's message in the history. `arguments` is JSON, as the model wrote it. */
export const toolCallMessagePart = z.strictObject({
  id: z.string().min(1).max(40),
  type: z.literal('function'),
  function: z.strictObject({ name: toolName, arguments: z.string() }),
});

/** A call that a scripted model makes. */
export interface ScriptedCall {
  readonly name: string;
  /** JSON; a model may write what is none. */
  readonly arguments: string;
}

interface MessageOfTools {
  readonly role: string;
  readonly tool_calls?: readonly z.infer<typeof toolCallMessagePart>[] | null | undefined;
  readonly tool_call_id?: string | undefined;
}

/** What the service says where calls and results don't belong together; undefined where they do. */
export function misplacedTools(messages: readonly MessageOfTools[]): ErrorBody | undefined {
  const all: readonly MessageOfTools[] = [...messages, { role: 'end' }];
  let missing = new Set<string>();
  for (const { role, tool_calls: calls, tool_call_id: callId } of all) {
    if (role === 'tool') {
      if (callId === undefined || !missing.delete(callId)) return invalid(STRAY_RESULT);
      continue;
    }
    if (missing.size > 0) return invalid(`${NO_RESULT}${[...missing].join(', ')}`);
    missing = new Set(calls?.map(({ id }) => id));
  }
  return undefined;
}

const STRAY_RESULT =
  "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
const NO_RESULT =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ";

function invalid(message: string): ErrorBody {
  return { message, type: 'invalid_request_error', param: 'messages', code: null };
}

/** The calls as one message has them. */
export function wholeCalls(calls: readonly ScriptedCall[], firstId: number): readonly object[] {
  return calls.map((call, index) => ({ id: idOf(firstId + index), type: 'function', function: call }));
}

/** The calls as the deltas of a stream, a few characters of the arguments each. */
export function* callDeltas(calls: readonly ScriptedCall[], firstId: number): Generator<object, void, undefined> {
  for (const [index, { name, arguments: text }] of calls.entries()) {
    const id = idOf(firstId + index);
    yield { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] };
    for (const piece of text.match(/.{1,4}/gsu) ?? []) {
      yield { tool_calls: [{ index, function: { arguments: piece } }] };
    }
  }
}

const idOf = (number: number): string => `call_${String(number).padStart(24, '0')}`;
