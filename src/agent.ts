// Everything a user sets about an agent: one schema, each default with its reason. Types and schemas only.
// `docs/configuration.md` is generated from the descriptions.

import { z } from 'zod';

import { ConfigurationError } from './lib/errors.ts';
import { defaultsOf } from './turns/phrases.ts';

const milliseconds = (defaultMs: number): z.ZodDefault<z.ZodNumber> => z.number().nonnegative().default(defaultMs);
const text = z.string().trim().min(1);

const languageTag = z.string().refine((tag) => tag === 'multi' || isLanguageTag(tag), {
  error: 'must be a language tag like en-US, de or pt-BR (BCP 47), or "multi"',
});

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const speechToText = z
  .strictObject({
    model: text.optional().describe("Model of the recogniser. The provider's recommended one by default."),
    keyTerms: z
      .array(text)
      .max(100)
      .default([])
      .describe('Names and words of your field that the recogniser should expect, where the provider takes them.'),
  })
  .prefault({});

const languageModel = z
  .strictObject({
    model: text.optional().describe('Model that writes the replies. `OPENAI_MODEL` by default.'),
    temperature: z.number().min(0).max(2).optional().describe("0 to 2 for most models. The model's own by default."),
    maxOutputTokens: z.number().int().positive().optional().describe("Bound of one reply. The model's own by default."),
    reasoning: z
      .enum(['none', 'minimal', 'low', 'medium', 'high'])
      .optional()
      .describe(
        "How much the model thinks before its first word, all of it heard as silence. `none` for OpenAI's `luna` and `terra` models, else the model's own: many refuse the setting.",
      ),
    firstTokenDeadlineMs: milliseconds(8000).describe(
      'How long to wait for the first word of a reply. Slower than this, nobody is still on the phone.',
    ),
    stallDeadlineMs: milliseconds(8000).describe('How long a reply may pause before it counts as failed.'),
    historyTokens: z
      .number()
      .int()
      .min(200)
      .default(16_000)
      .describe(
        'Budget of the conversation that the model is shown, in tokens of about four characters. Beyond it the oldest exchanges are left out, whole. An hour of talk has about 12,000 tokens.',
      ),
  })
  .prefault({});

const textToSpeech = z
  .strictObject({
    model: text.optional().describe("Model of the voice. The provider's recommended one by default."),
    voice: text.optional().describe('Voice, by the name or id that the provider gives it.'),
    speed: z.number().min(0.5).max(2).default(1).describe('Rate of speech, where the provider takes one. 1: natural.'),
    pronunciations: z
      .record(z.string(), z.string())
      .default({})
      .describe('How words are said: `{ "SQL": "sequel" }`. A key in lower case stands for all spellings in case.'),
    firstAudioDeadlineMs: milliseconds(5000).describe('How long to wait for the first sound of a reply.'),
    stallDeadlineMs: milliseconds(5000).describe(
      'How long the voice may pause, with text to speak, before it counts as failed.',
    ),
  })
  .prefault({});

const streaming = z
  .strictObject({
    stt: z.boolean().default(true).describe('Recognise while the caller speaks; off: the whole turn at its end.'),
    llm: z.boolean().default(true).describe('Pass words on as the model writes them; off: the whole reply at its end.'),
    tts: z.boolean().default(true).describe('Play while the voice is synthesised; off: the whole reply at its end.'),
  })
  .prefault({});

export const agentSchema = z.strictObject({
  language: languageTag
    .default('en-US')
    .describe('Language of the conversation (BCP 47): what is recognised, spoken, and how numbers and dates are said.'),
  instructions: text.optional().describe('The system prompt: who the agent is and how it talks.'),
  greeting: z
    .union([text, z.strictObject({ generate: text })])
    .optional()
    .describe(
      'Said when a caller is linked: a text, or `{ generate: "instruction to the model" }`. None by default: the caller decides when the conversation begins.',
    ),
  apology: text
    .optional()
    .describe(
      `Said when a reply failed, or when speech recognition is out of order. Default: ${defaultsOf('apology')}`,
    ),
  stt: speechToText,
  llm: languageModel,
  tts: textToSpeech,
  streaming,
  parallel: z
    .boolean()
    .default(true)
    .describe(
      'Run all stages at the same time; off: a stage starts when the one before it has finished, and nothing is prepared before the turn is over, as also where none of `streaming` is on: no drafts, no anticipation and no openers, whatever their settings say.',
    ),
  bufferFrames: z
    .number()
    .int()
    .min(2)
    .default(500)
    .describe(
      'Bound of each audio queue between stages in 20 ms frames. When it is full, audio that comes in drops its oldest frame and counts it; audio that goes out holds the voice back. Ten seconds.',
    ),
  endpointing: z
    .strictObject({
      policy: z
        .enum(['adaptive', 'fixed'])
        .default('adaptive')
        .describe(
          'When a turn is complete. `adaptive`: after a silence that depends on the caller\'s words ("yes", "a table for", a number that is being dictated), on punctuation and on how long this caller pauses; `fixed`: after `silenceMs`.',
        ),
      minSilenceMs: milliseconds(150).describe(
        'Silence that `adaptive` waits for in any case. The gaps between two words are shorter.',
      ),
      maxSilenceMs: milliseconds(2500).describe(
        'Silence that `adaptive` waits for at most, after words that want others: people who search for a number need two seconds.',
      ),
      silenceMs: milliseconds(500).describe(
        'Silence after which `fixed`, or any policy with a recogniser of whole turns, takes a turn for complete. People pause for up to about half a second inside a sentence (gaps between speakers are about 200 ms, Stivers et al. 2009); shorter values cut more callers off.',
      ),
      soundModel: z
        .enum(['off', 'smart-turn'])
        .default('off')
        .describe(
          'A model that hears in each pause whether the turn is complete; `adaptive` weighs it with the words. `smart-turn`: Smart Turn v3, which needs the package onnxruntime-node (300 MB) and its weights (`repartee fetch-smart-turn`). Off: it takes some 60 ms of a processor at each pause, and the words mostly tell the same.',
        ),
      soundModelPath: text
        .optional()
        .describe('File with the weights of the sound model. Those that were fetched into the cache by default.'),
      finalDeadlineMs: milliseconds(700).describe(
        'How long to wait for the final transcript before the turn is answered on the words so far: most services send it within 350 ms. Recognition that lags behind and still tells more, or has told nothing yet, is given up to 5 s. A batch recogniser has `batchDeadlineMs`.',
      ),
      batchDeadlineMs: milliseconds(5000).describe(
        'The same for a recogniser that transcribes whole turns: it gives no words before.',
      ),
      unintelligibleVoicedMs: milliseconds(300).describe(
        'Voiced audio below this that could not be recognised is taken for noise: a syllable has about 200 ms.',
      ),
    })
    .prefault({}),
  drafts: z
    .strictObject({
      policy: z
        .enum(['ifUnchanged', 'ifSimilar', 'always', 'off'])
        .default('ifUnchanged')
        .describe(
          'Replies that are prepared in a pause of the caller, before the turn is decided. `ifUnchanged`: a draft is the answer where the final transcript says the same; `ifSimilar`: also where it differs by fillers, politeness and other words that change no meaning ("uh yes please" for "yes"), never by a negation, number, name or date; `always`: in any case; `off`: none. A draft on the very words is soon made, so the strictest is the default.',
        ),
      perTurn: z
        .number()
        .int()
        .min(1)
        .max(10)
        .default(4)
        .describe('Drafts for one turn, at most: each is a call of the model. Most turns have one or two pauses.'),
      waitMs: milliseconds(2000).describe(
        'How long a turn that could be ended waits for the draft on its words: without one, nothing would come sooner.',
      ),
      leadMs: milliseconds(700).describe(
        'Where a long silence is wanted, drafts begin this long before its end: about what a reply takes to be ready.',
      ),
    })
    .prefault({}),
  opener: z
    .strictObject({
      source: z
        .enum(['off', 'model'])
        .default('off')
        .describe(
          'First words of a reply ("Let me look that up,"), chosen while the caller still speaks and spoken while the model thinks about the rest. `model`: the model that writes the replies is asked for them, up to `perTurn` times a turn. Off: they are heard sooner than an answer, but the answer comes after them, and not every agent should say what says nothing.',
        ),
      minWords: z
        .number()
        .int()
        .min(1)
        .default(4)
        .describe('Words of the caller before which none is chosen: it is not known yet what the turn is about.'),
      perTurn: z
        .number()
        .int()
        .min(1)
        .max(10)
        .default(3)
        .describe(
          'How often one is asked for in a turn, at most: first after `minWords`, then each time as many words have come again, or the words have changed.',
        ),
      deadlineMs: milliseconds(1500).describe('How long to wait for it. What comes later is mostly too late.'),
    })
    .prefault({}),
  anticipation: z
    .strictObject({
      source: z
        .enum(['off', 'table', 'model'])
        .default('table')
        .describe(
          'Replies that are prepared, unheard, to what the caller will probably answer, while the agent still asks: they answer at once. `table`: to questions by yes or no, or with two alternatives, and to "anything else?", in English and German; `model`: the model is asked for the answers, one call more for each question; `off`: none. One of them is the answer where the final transcript means the same, as with `drafts.policy` `ifSimilar`, whichever policy drafts have: people say "yes please" where "yes" was foreseen, and what was not foreseen is only not sped up. With `drafts.policy` `off` there are none.',
        ),
      answers: z
        .array(text)
        .max(20)
        .default([])
        .describe('Answers that your callers often give; tried first, after each question of the agent.'),
      perReply: z
        .number()
        .int()
        .min(1)
        .max(5)
        .default(2)
        .describe(
          'Replies that are prepared after one reply of the agent, at most: each is a call of the model, and one of them at most is used. Two: yes and no.',
        ),
    })
    .prefault({}),
  speculation: z
    .strictObject({
      llmRequests: z
        .number()
        .int()
        .min(1)
        .default(8)
        .describe(
          'Requests to the model at the same time, in all calls of a process together, up to which drafts and other work that may be thrown away are begun; answers that somebody waits for are counted and never held back, and one place is kept free for them. 1: no drafts.',
        ),
      ttsContexts: z
        .number()
        .int()
        .min(1)
        .default(3)
        .describe(
          "The same for speech that is being synthesised. Cartesia's plans allow 2 (free), 3, 5 and 15 at a time, ElevenLabs' 2 to 15. A draft that finds no place has its words written, and is spoken once it is the answer.",
        ),
      tokensPerMinute: z
        .number()
        .int()
        .nonnegative()
        .default(150_000)
        .describe(
          "Tokens of all requests in the last minute, aborted ones included, beyond which no draft is begun; estimated at four characters each. Three quarters of the 200,000 that OpenAI's lowest paid tier allows for a small model.",
        ),
      offMs: milliseconds(30_000).describe(
        'How long no draft is begun after a service has refused a request because a limit was reached (429), where it does not say how long to wait. Limits are counted by the minute.',
      ),
    })
    .prefault({}),
  tools: z
    .strictObject({
      settleMs: milliseconds(400).describe(
        'How long the caller must have been silent, since the answer was decided, before a tool may change anything: most who have more to say have gone on by then.',
      ),
    })
    .prefault({}),
  bargeIn: z
    .strictObject({
      lowerDb: z
        .number()
        .min(0)
        .max(40)
        .default(14)
        .describe(
          'How much the reply is lowered (dB) from the first voice of the caller on. 12 dB are heard as giving way; it can still be understood, so that nothing is lost where it was a cough.',
        ),
      suspendAfterMs: milliseconds(300).describe(
        'Voice of the caller, short breaks aside, that silences a reply before any word is known; the ear has it some 50 ms later. 30 to 60 ms sooner where it changes as fast as words do, 100 ms later where it changes less: hums ("mhm") do so. It goes on at the beginning of the broken word if nothing comes of it. Shorter: more backchannels leave a gap; longer: the agent talks on for longer over a caller who means it.',
      ),
      briefMs: milliseconds(600).describe(
        'After a sound up to this long the reply goes on at once: coughs and backchannels ("mhm") have 150 to 450 ms, and the end of a voice is heard up to 150 ms late. Its words still end the reply.',
      ),
      resumeAfterMs: milliseconds(1500).describe(
        'After a longer sound, how long words are waited for before the reply goes on. Most services send them within 500 ms.',
      ),
      stopAfterMs: milliseconds(2000).describe(
        'Voice without a break that ends a reply, recognised or not: nobody coughs that long. Two recognised words, or one that is final, end it at once, unless they are backchannels.',
      ),
      backchannels: z
        .array(text)
        .max(100)
        .default([])
        .describe('More words and phrases of up to three words that listeners say without wanting the floor.'),
    })
    .prefault({}),
  dtmf: z
    .strictObject({
      interDigitMs: milliseconds(2000).describe(
        'How long after a key of the telephone another one is waited for, where no words follow. The keys of a number come within a second of each other; between its groups people look it up. Keys stop what the agent is saying, and the model reads them in their place among the words: `my number is [keypad: 123#] thanks`.',
      ),
      endsWith: z
        .enum(['#', '*', 'none'])
        .default('#')
        .describe('A key that ends the turn at once, as callers know it from other menus.'),
    })
    .prefault({}),
  silence: z
    .strictObject({
      mode: z
        .enum(['phone', 'always', 'never'])
        .default('phone')
        .describe(
          'Which callers who say nothing are asked again, and later left with a goodbye. `phone`: those on the phone, where a dead line looks like silence and costs money; `always`: everybody; `never`: nobody. People in video rooms mute themselves and listen.',
        ),
      repromptAfterMs: z
        .number()
        .min(1000)
        .default(10_000)
        .describe(
          'How long both are silent, from the end of what the agent said last, before the caller is asked again: long enough to look something up. A mute is silence, a stalled line is not.',
        ),
      reprompts: z
        .number()
        .int()
        .min(0)
        .max(10)
        .default(2)
        .describe('How often the caller is asked again, before the goodbye. Half a minute in all.'),
      reprompt: z
        .union([text, z.strictObject({ generate: text })])
        .optional()
        .describe(
          `What the caller is asked: a text, or \`{ generate: "instruction to the model" }\`, which knows the conversation. Default: ${defaultsOf('reprompt')}`,
        ),
    })
    .prefault({}),
  ownVoice: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe(
      "What becomes of the agent's own voice where a loudspeaker or a phone line returns it. `auto`: it is told from the caller's and is neither heard nor answered; while it comes back, what may be it is held back for up to 240 ms (300 ms in the first 1.5 s of speech of a call). `off`: whatever is heard is the caller's; for lines that certainly cancel echoes, to save 20 to 70 µs a frame while the agent speaks.",
    ),
  caller: z
    .strictObject({
      identity: text.optional().describe('Identity of the one participant to listen to. Anybody by default.'),
      listenTo: z
        .enum(['first', 'activeSpeaker'])
        .default('first')
        .describe(
          'Who is listened to where several people are in the room: `first`, whoever came first, until they leave; `activeSpeaker`, whoever speaks, changing between turns (the first syllables of a change are missed: the others are not subscribed).',
        ),
      graceMs: milliseconds(3000).describe(
        'How long a caller who has left is waited for before the next one is listened to.',
      ),
      leaveAfterMs: milliseconds(60_000).describe('How long the agent stays in a room with nobody to listen to.'),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      content: z
        .boolean()
        .default(false)
        .describe(
          'Whether traces hold what was said, and who called: transcripts, replies, arguments and results of tools, identities (on the phone: numbers). Off: a collector is read by more people than a call is heard by; times, models and names of tools are told in any case.',
        ),
    })
    .prefault({}),
  maxCallMs: z
    .number()
    .positive()
    .default(3_600_000)
    .describe('Longest call; the agent then says goodbye and leaves. An hour: a forgotten call costs money all night.'),
  goodbye: text
    .optional()
    .describe(
      `Said before the agent leaves, at \`maxCallMs\` or after a long silence. Default: ${defaultsOf('goodbye')}`,
    ),
});

/** What a user writes: everything has a default. */
export type AgentOptions = z.input<typeof agentSchema>;
/** What the session works with: complete. */
export type AgentSettings = z.output<typeof agentSchema>;

/** Checks the options and fills in the defaults; throws a `ConfigurationError` that names the setting. */
export function defineAgent(options: AgentOptions = {}): AgentSettings {
  const parsed = agentSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`agent settings: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}
