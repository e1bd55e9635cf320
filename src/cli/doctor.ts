// `repartee doctor`: what is there, what is missing, and how to get it. All checks at once, each with its own deadline.

import type { Clock } from '../lib/clock.ts';
import { ReparteeError } from '../lib/errors.ts';
import { checkLivekit } from './doctor/livekit.ts';
import { checkChromium, checkEnvFile, checkNode, checkPagePort } from './doctor/machine.ts';
import type { CheckOptions, Finding } from './doctor/finding.ts';
import { checkSmartTurn } from './doctor/smart-turn.ts';
import { checkCartesia, checkDeepgram, checkOpenai } from './doctor/services.ts';
import { consoles, type Environment, type RawEnvironment, readEnvironment } from './environment.ts';
import { chooseProviders } from './providers.ts';
import { cartesiaVoice, replyModel } from './provider-defaults.ts';

export interface DoctorOptions {
  readonly environment: RawEnvironment;
  /** Of the settings file. Default `.env`. */
  readonly envFile?: string;
  readonly clock?: Clock;
  /** For each request. Default 5 s. */
  readonly withinMs?: number;
}

/** Everything that was looked at, in the order of the table. */
export async function examine({ environment: raw, envFile, ...options }: DoctorOptions): Promise<readonly Finding[]> {
  const machine = [checkNode(), checkEnvFile(envFile)];
  let environment: Environment;
  try {
    environment = readEnvironment(raw);
  } catch (error) {
    if (!(error instanceof ReparteeError)) throw error;
    const advice = 'Correct it, then run the doctor again: the other checks need it.';
    return [...machine, { subject: 'Environment', status: 'failed', says: error.message, advice }];
  }
  const checks = await Promise.all([
    checkLivekit(environment, options),
    providerFindings(environment, options),
    checkPagePort(environment),
    checkSmartTurn(raw),
  ]);
  return [...machine, ...checks.flat(), checkChromium(raw)];
}

/** One finding for each service, those without a key included. */
async function providerFindings(environment: Environment, options: CheckOptions): Promise<readonly Finding[]> {
  const { stt, llm, tts } = chooseProviders(environment);
  const used = new Set<string>([stt, llm, tts]);
  const model = llm === 'openai' ? replyModel(environment, undefined) : undefined;
  return Promise.all([
    used.has('deepgram')
      ? checkDeepgram(environment, options)
      : absent('Deepgram (hears)', 'DEEPGRAM_API_KEY', consoles.deepgram, stt),
    used.has('openai')
      ? checkOpenai(environment, model, options)
      : absent('OpenAI API (replies)', 'OPENAI_API_KEY', consoles.openai, llm),
    used.has('cartesia')
      ? checkCartesia(environment, cartesiaVoice(environment, undefined), options)
      : absent('Cartesia (speaks)', 'CARTESIA_API_KEY', consoles.cartesia, tts),
  ]);
}

function absent(subject: string, keyName: string, place: string, instead: string): Finding {
  const stand = instead === 'offline' ? 'the offline stage is used' : `${instead} is used`;
  return { subject, status: 'absent', says: `${keyName} not set; ${stand}`, advice: `Keys: ${place}` };
}

const marks: Readonly<Record<Finding['status'], string>> = { ok: '✓', failed: '✗', absent: '–' };

/** One line each, advice below it. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
  return findings.flatMap(({ subject, status, says, advice }) => [
    `${marks[status]} ${subject.padEnd(width)}${says}`,
    ...(advice === undefined ? [] : [`${' '.repeat(width + 2)}${advice}`]),
  ]);
}

/** Prints what was found. 0: `repartee join` can run; 1: something that it needs has failed. */
export async function doctor(options: DoctorOptions, print: (line: string) => void): Promise<number> {
  const findings = await examine(options);
  for (const line of findingLines(findings)) print(line);
  const failed = findings.filter(({ status }) => status === 'failed').length;
  print('');
  print(failed === 0 ? 'All that is needed is there.' : `${failed} of ${findings.length} need attention.`);
  return failed === 0 ? 0 : 1;
}
