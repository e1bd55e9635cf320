// The commands as their users see them: options, help, examples.

import type { CommandDescription } from './command-line.ts';
import { llmProviders, sttProviders, ttsProviders } from './providers.ts';

const livekitVariables = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'] as const;
const providerVariables = [
  'DEEPGRAM_API_KEY',
  'DEEPGRAM_BASE_URL',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_MODEL',
  'CARTESIA_API_KEY',
  'CARTESIA_BASE_URL',
  'CARTESIA_VOICE',
] as const;

const byKeys = 'the first that has a key, else offline';
const providerOptions = {
  stt: { value: 'NAME', choices: sttProviders, text: 'Who recognises speech.', default: byKeys },
  llm: { value: 'NAME', choices: llmProviders, text: 'Who writes the replies.', default: byKeys },
  tts: { value: 'NAME', choices: ttsProviders, text: 'Who speaks.', default: byKeys },
} as const;

export const agentOptions = {
  ...providerOptions,
  batch: {
    value: 'STAGES',
    text: 'Stages that wait for all of their input, separated by commas: stt,llm,tts.',
    default: 'none, everything streams',
  },
  'no-parallel': { text: 'Start each stage only when the one before it has finished.' },
  language: { value: 'TAG', text: 'Language of the conversation, as in de-DE.', default: 'en-US' },
  model: { value: 'NAME', text: 'Model that writes the replies.', default: 'OPENAI_MODEL' },
  voice: { value: 'NAME', text: "Voice, by the provider's name or id for it.", default: 'CARTESIA_VOICE' },
  greeting: { value: 'TEXT', text: 'What the agent says first.' },
  otlp: {
    value: 'URL',
    text: 'OpenTelemetry collector that takes a trace of each call, as in http://127.0.0.1:4318.',
    default: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  },
  config: { value: 'FILE', text: 'Settings as JSON (docs/configuration.md); the options here win over it.' },
  'log-level': {
    value: 'LEVEL',
    choices: ['debug', 'info', 'warn', 'error'],
    text: 'What is logged, on standard error.',
    default: 'warn',
  },
} as const satisfies CommandDescription['options'];

export const joinCommand = {
  name: 'join',
  summary: 'Join a LiveKit room as an agent and talk to whoever is there, until the room ends or Ctrl-C.',
  operands: ['ROOM'],
  options: {
    identity: { value: 'ID', text: "The agent's identity in the room.", default: 'one of its own' },
    name: { value: 'NAME', text: 'Its name, as people see it.', default: 'Repartee' },
    url: { value: 'URL', text: 'LiveKit server.', default: 'LIVEKIT_URL' },
    'api-key': { value: 'KEY', text: 'Key of the server.', default: 'LIVEKIT_API_KEY' },
    'api-secret': {
      value: 'SECRET',
      text: 'The secret that belongs to it; others on this machine can read it here.',
      default: 'LIVEKIT_API_SECRET',
    },
    ...agentOptions,
    metrics: {
      value: '[HOST:]PORT',
      text: 'Serve figures of the call for Prometheus under /metrics there, on this machine only where no host is given.',
    },
    record: {
      value: 'FILE',
      text: 'Record the call to FILE, as stereo WAV: the caller left, the agent right. The agent says so in its attributes.',
    },
    report: {
      value: 'FILE',
      text: 'Write what was said and how long it took to FILE, as JSON, at the end of the call.',
    },
  },
  notes: [
    'Each turn is one line on standard output: what was said → what the caller heard, and the response time.',
    'Exit codes: 0 the call is over; 1 a fault (no such server, wrong key, room lost); 2 wrong usage.',
  ],
  examples: [
    'repartee join support',
    'repartee join support --stt deepgram --llm openai --tts cartesia --report call.json',
    'repartee join support --llm openai --model gpt-6.1-terra --language de-DE --greeting "Guten Tag!"',
    'OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.2 repartee join support --stt deepgram',
  ],
  environment: [...livekitVariables, ...providerVariables, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
} as const satisfies CommandDescription;

export const demoCommand = {
  name: 'demo',
  summary:
    'Serve the page of the demo and send an agent to each of its visitors. Needs a LiveKit server and the built page: ' +
    '"npm run demo" brings both.',
  operands: [],
  options: { ...agentOptions, 'log-level': { ...agentOptions['log-level'], default: 'info' } },
  notes: ['Figures of all calls for Prometheus are under /metrics, beside the page.'],
  examples: ['repartee demo', 'repartee demo --stt deepgram --llm openai --tts cartesia'],
  environment: [
    ...livekitVariables,
    'LIVEKIT_PUBLIC_URL',
    ...providerVariables,
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'REPARTEE_PAGE_HOST',
    'REPARTEE_PAGE_PORT',
  ],
} as const satisfies CommandDescription;

export const doctorCommand = {
  name: 'doctor',
  summary: 'Look at the server, the keys, the ports and the providers, and say what is missing and how to get it.',
  operands: [],
  options: {},
  notes: ['Exit codes: 0 all that "repartee join" needs is there; 1 something is not; 2 wrong usage.'],
  examples: ['repartee doctor'],
  environment: [...livekitVariables, ...providerVariables, 'REPARTEE_PAGE_HOST', 'REPARTEE_PAGE_PORT'],
} as const satisfies CommandDescription;

export const fetchSmartTurnCommand = {
  name: 'fetch-smart-turn',
  summary: 'Get the weights of Smart Turn, which hears whether a turn is complete (endpointing.soundModel).',
  operands: [],
  options: { from: { value: 'FILE|URL', text: 'Where to get them.', default: 'a release of Pipecat on GitHub' } },
  notes: [
    'They go into the cache of this machine ("repartee doctor" says where), once. They are checked: nothing else is taken.',
    'The package onnxruntime-node is needed too: npm install onnxruntime-node@1.30.0',
  ],
  examples: ['repartee fetch-smart-turn', 'repartee fetch-smart-turn --from smart-turn-v3.2-cpu.onnx'],
  environment: [],
} as const satisfies CommandDescription;

export const commands: readonly CommandDescription[] = [joinCommand, demoCommand, doctorCommand, fetchSmartTurnCommand];
