// The demo server's API as the page uses it.

import { type Problem, problems } from './problems.ts';

export interface AgentDescription {
  readonly name: string;
  /** What it recognises when it is spoken: the words of the examples, or any. */
  readonly recognises: 'examples' | 'anything';
  /** What it has an answer to. */
  readonly answers: 'examples' | 'anything';
  readonly examples: readonly { readonly title: string; readonly sentences: readonly string[] }[];
  readonly stages: { readonly stt: string; readonly llm: string; readonly tts: string };
}

/** Where to call and with what. */
export interface CallTicket {
  readonly serverUrl: string;
  readonly token: string;
}

/** A request that failed, in words for the caller. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(problem.title, { cause });
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Who answers here. Throws a `ProblemError`. */
export async function fetchAgent(): Promise<AgentDescription> {
  const response = await request('/api/agent', { method: 'GET' });
  return response.json();
}

/** Asks for a room with an agent on its way to it. Throws a `ProblemError`. */
export async function requestCall(): Promise<CallTicket> {
  const response = await request('/api/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { server_url: serverUrl, participant_token: token } = await response.json();
  return { serverUrl, token };
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    throw new ProblemError(problems.pageServerGone, cause);
  }
  if (response.status === 503) throw new ProblemError(problems.busy);
  if (!response.ok) throw new ProblemError(problems.pageServerFailed, await response.text());
  return response;
}
