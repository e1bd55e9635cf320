// What callers say and what they are answered, written by hand. `~` is a pause where the syntax is incomplete, `//` one after
// a complete clause; `{slot}` is filled in by `slots.ts`.

/** What the end of a reply asks for: the next turn answers it. */
export type AnswerKind = 'yesNo' | 'day' | 'time' | 'count' | 'name' | 'phone' | 'email' | 'order';

export const turnClasses = [
  'question',
  'statement',
  'short answer',
  'number',
  'spelling',
  'e-mail',
  'phone',
  'hesitation',
  'correction',
  'pause, incomplete',
  'pause, complete',
  'interruption',
] as const;

export type TurnClass = (typeof turnClasses)[number];

export interface Template {
  readonly class: TurnClass;
  readonly says: string;
  readonly reply: string;
  readonly asks?: AnswerKind;
}

export const openTemplates: readonly Template[] = [
  // Restaurant.
  {
    class: 'question',
    says: 'what time do you open on {day}?',
    reply: 'We open at nine in the morning, and we close at eleven at night.',
  },
  {
    class: 'question',
    says: 'do you have a table for {count} tonight?',
    reply: 'Yes, we do. What time would you like to come?',
    asks: 'time',
  },
  {
    class: 'question',
    says: 'is there parking near the restaurant?',
    reply: 'There is a car park right behind us. It is free after six.',
  },
  {
    class: 'question',
    says: 'do you have anything without gluten?',
    reply: 'Of course, about half of our menu is free of gluten.',
  },
  {
    class: 'question',
    says: 'can I bring my dog?',
    reply: 'Dogs are welcome on the terrace. Shall I book you a table outside?',
    asks: 'yesNo',
  },
  {
    class: 'statement',
    says: "I'd like to book a table for {day}",
    reply: 'With pleasure. For how many people?',
    asks: 'count',
  },
  {
    class: 'statement',
    says: 'we will be a bit late tonight',
    reply: 'No problem, we will keep your table for half an hour.',
  },
  {
    class: 'statement',
    says: 'I need to change my booking',
    reply: 'Sure, I can do that. What name is it under?',
    asks: 'name',
  },
  {
    class: 'hesitation',
    says: 'um, ~ do you have a table by the window?',
    reply: 'Let me see. Yes, there is one left at eight.',
  },
  {
    class: 'hesitation',
    says: "I'd like, uh, ~ the set menu for two please",
    reply: 'Good choice. Anything to drink with that?',
    asks: 'yesNo',
  },
  {
    class: 'correction',
    says: 'a table for four // no sorry five',
    reply: 'Alright, a table for five. Which day would suit you?',
    asks: 'day',
  },
  {
    class: 'correction',
    says: 'we come at seven // no, half past seven',
    reply: 'Half past seven it is. See you then!',
  },
  {
    class: 'pause, incomplete',
    says: "I'd like a table for ~ {count} people on {day}",
    reply: 'Okay, I have put that down. May I have your phone number?',
    asks: 'phone',
  },
  {
    class: 'pause, incomplete',
    says: 'could you tell me whether the ~ kitchen is still open?',
    reply: 'The kitchen is open until ten.',
  },
  {
    class: 'pause, complete',
    says: 'I would like to make a reservation // for {day} at {time} please',
    reply: 'Thank you, that works. Under which name?',
    asks: 'name',
  },
  {
    class: 'pause, complete',
    says: 'do you have vegan food? // my daughter is vegan',
    reply: 'Yes, we have a whole page of vegan dishes.',
  },
  // Clinic.
  { class: 'question', says: 'when is the doctor in on {day}?', reply: 'On that day she is in from eight until noon.' },
  {
    class: 'question',
    says: 'do I need to fast before the blood test?',
    reply: 'Yes, please eat nothing for eight hours before it.',
  },
  { class: 'question', says: 'how long does the examination take?', reply: 'It usually takes about twenty minutes.' },
  {
    class: 'statement',
    says: 'I have a terrible toothache since last night',
    reply: 'I am sorry to hear that. Can you come in this afternoon?',
    asks: 'yesNo',
  },
  {
    class: 'statement',
    says: 'I have to cancel my appointment on {day}',
    reply: 'Okay, it is cancelled. Would you like a new one?',
    asks: 'yesNo',
  },
  {
    class: 'statement',
    says: 'my prescription has run out',
    reply: 'I can have that renewed. What is your last name?',
    asks: 'name',
  },
  { class: 'number', says: 'my insurance number is {digits}', reply: 'Thank you, I have found you in our files.' },
  {
    class: 'hesitation',
    says: 'well, I, um, ~ I think it is my left knee',
    reply: 'I see. How long has it been hurting?',
    asks: 'count',
  },
  {
    class: 'hesitation',
    says: 'it started, let me think, ~ about two weeks ago',
    reply: 'Alright, then the doctor should have a look at it.',
  },
  {
    class: 'correction',
    says: 'the appointment was on Monday // I mean Tuesday',
    reply: 'On Tuesday, yes. It is at a quarter past three.',
  },
  {
    class: 'pause, incomplete',
    says: 'I need an appointment because my ~ back has been hurting for days',
    reply: 'I understand. Which day would be best?',
    asks: 'day',
  },
  {
    class: 'pause, incomplete',
    says: 'I was told to call you about the ~ results of my blood test',
    reply: 'The results are here. The doctor will call you this evening.',
  },
  {
    class: 'pause, complete',
    says: 'I have a fever // and my throat hurts',
    reply: 'That sounds unpleasant. Could you come in at {time}?',
    asks: 'yesNo',
  },
  {
    class: 'pause, complete',
    says: 'I would like to see the doctor // but only in the afternoon',
    reply: 'In the afternoon, sure. Which day?',
    asks: 'day',
  },
  // Shop.
  {
    class: 'question',
    says: 'where is my order?',
    reply: 'Let me look it up. What is the order number?',
    asks: 'order',
  },
  {
    class: 'question',
    says: 'can I return shoes that I have worn once?',
    reply: 'If they look like new, you can return them within thirty days.',
  },
  {
    class: 'question',
    says: 'how much is shipping to {city}?',
    reply: 'Shipping there costs six euros, and it takes three days.',
  },
  {
    class: 'statement',
    says: 'the parcel arrived damaged',
    reply: 'I am very sorry. Shall I send you a new one?',
    asks: 'yesNo',
  },
  {
    class: 'statement',
    says: 'I want my money back',
    reply: 'I understand. To which e-mail address may I send the form?',
    asks: 'email',
  },
  { class: 'number', says: 'it is order number {digits}', reply: 'Found it. It will be delivered on {day}.' },
  { class: 'number', says: 'I paid {price} for it', reply: 'Right, I can see the payment here.' },
  {
    class: 'hesitation',
    says: 'so, um, ~ I ordered a lamp last week',
    reply: 'Yes, the lamp left our house this morning.',
  },
  {
    class: 'correction',
    says: 'I ordered two lamps // three lamps',
    reply: 'Three lamps, got it. All of them are on their way.',
  },
  {
    class: 'pause, incomplete',
    says: 'the colour is different from ~ the one on your page',
    reply: 'Oh, that should not happen. Would you like to exchange it?',
    asks: 'yesNo',
  },
  {
    class: 'pause, incomplete',
    says: 'I am looking for a coat that ~ keeps out the rain',
    reply: 'We have three of those. What size do you wear?',
    asks: 'count',
  },
  {
    class: 'pause, complete',
    says: 'the jacket is too small // can I get the next size?',
    reply: 'Certainly. I will send you the next size today.',
  },
  {
    class: 'pause, complete',
    says: 'I never got a confirmation // is my order in the system?',
    reply: 'Let me check. Could you spell your name for me?',
    asks: 'name',
  },
  // Travel.
  { class: 'question', says: 'is the train to {city} on time?', reply: 'It is ten minutes late at the moment.' },
  {
    class: 'question',
    says: 'how far is it from the airport to the hotel?',
    reply: 'It is about five kilometres. A taxi takes a quarter of an hour.',
  },
  { class: 'question', says: 'is breakfast included?', reply: 'Yes, breakfast is included, from seven to ten.' },
  {
    class: 'statement',
    says: 'I need a flight to {city} on {day}',
    reply: 'Okay, there are two of them. Morning or evening?',
    asks: 'time',
  },
  { class: 'statement', says: 'we lost a suitcase on the way', reply: 'Oh dear. On which day was that?', asks: 'day' },
  {
    class: 'number',
    says: 'we are {count} adults and {count} children',
    reply: 'Great, then I suggest two rooms next to each other.',
  },
  {
    class: 'hesitation',
    says: 'we want to stay, um, ~ until {day} I think',
    reply: 'Alright, until then. Shall I book that for you?',
    asks: 'yesNo',
  },
  {
    class: 'correction',
    says: 'two nights // no wait three nights',
    reply: 'Three nights, very well. That is three hundred and ten euros.',
  },
  {
    class: 'pause, incomplete',
    says: 'we would like to leave on {day} and ~ come back on {day}',
    reply: 'Good, I have found a connection for both days.',
  },
  {
    class: 'pause, incomplete',
    says: 'does the room have a view of ~ the sea or the street?',
    reply: 'It looks out on the sea. Would you like it?',
    asks: 'yesNo',
  },
  {
    class: 'pause, complete',
    says: 'we will arrive late // is somebody at the desk at midnight?',
    reply: 'Yes, our front desk is always open.',
  },
  {
    class: 'pause, complete',
    says: 'I would like a quiet room // if that is possible',
    reply: 'Of course, I will give you one to the garden.',
  },
  // Bank and support.
  {
    class: 'question',
    says: 'what is the balance of my account?',
    reply: 'For that I need your account number.',
    asks: 'order',
  },
  {
    class: 'question',
    says: 'why was I charged twice?',
    reply: 'Let me have a look. It seems that one of them was only reserved.',
  },
  {
    class: 'statement',
    says: 'my card was stolen',
    reply: 'I will block it right away. When did you last use it?',
    asks: 'day',
  },
  {
    class: 'statement',
    says: 'the internet is down again',
    reply: 'I am sorry about that. Have you tried to restart the router?',
    asks: 'yesNo',
  },
  {
    class: 'statement',
    says: "I can't log in any more",
    reply: 'No worries, we will fix that. What is your e-mail address?',
    asks: 'email',
  },
  { class: 'number', says: 'the reference is {digits}', reply: 'Thanks, I have got it in front of me.' },
  {
    class: 'hesitation',
    says: 'I am, er, ~ not sure which account it was',
    reply: 'That does not matter, I can look it up.',
  },
  {
    class: 'correction',
    says: 'the amount was fifty euros // sorry fifteen',
    reply: 'Fifteen euros, right. I will send them back to you.',
  },
  {
    class: 'pause, incomplete',
    says: 'I would like to transfer {price} to ~ my savings account',
    reply: 'Sure, I can do that. Is that correct so far?',
    asks: 'yesNo',
  },
  {
    class: 'pause, incomplete',
    says: 'when I press the button the ~ screen stays black',
    reply: 'Okay, please hold the button for ten seconds.',
  },
  {
    class: 'pause, complete',
    says: 'it worked yesterday // today it does not',
    reply: 'Thank you, that helps. I will test your line now.',
  },
  {
    class: 'pause, complete',
    says: 'I got a letter from you // I do not understand it',
    reply: 'Let us go through it together. What is the number at the top?',
    asks: 'order',
  },
  {
    class: 'phone',
    says: 'you can reach me at {phone}',
    reply: 'Thank you, I have put that into your file.',
  },
  { class: 'phone', says: 'call me back on {phone} please', reply: 'Sure, somebody will call you back today.' },
  {
    class: 'phone',
    says: 'my new number is {phone}',
    reply: 'Okay, I have changed it. Anything else?',
    asks: 'yesNo',
  },
  { class: 'e-mail', says: 'please send it to {email}', reply: 'It is on its way to you.' },
  { class: 'e-mail', says: 'my address is {email}', reply: 'Thank you, I will use that from now on.' },
  {
    class: 'spelling',
    says: 'the name is {name} // {spelled}',
    reply: 'Thank you, now I can see your booking.',
  },
  {
    class: 'spelling',
    says: 'it is under {name}, {spelled}',
    reply: 'Found it. Do you want to change it?',
    asks: 'yesNo',
  },
];

/** Answers to what a reply asked. */
export const answerTemplates: Readonly<Record<AnswerKind, readonly Template[]>> = {
  yesNo: [
    { class: 'short answer', says: 'yes', reply: 'Perfect, I will arrange that for you.' },
    { class: 'short answer', says: 'yes please', reply: 'Done. Is there anything else?', asks: 'yesNo' },
    { class: 'short answer', says: 'no', reply: 'Okay, then we leave it as it is.' },
    { class: 'short answer', says: 'no thank you', reply: 'Alright. Thank you for calling.' },
    { class: 'pause, complete', says: 'yes // but not before {day}', reply: 'Understood, not before then.' },
  ],
  day: [
    { class: 'short answer', says: '{day}', reply: 'Good, I have made a note of that.' },
    { class: 'short answer', says: 'on {day}', reply: 'That works. At what time?', asks: 'time' },
    { class: 'short answer', says: 'tomorrow', reply: 'Tomorrow, fine. I will take care of it.' },
    { class: 'hesitation', says: 'um, ~ on {day} I guess', reply: 'Okay, I have put that down.' },
  ],
  time: [
    { class: 'short answer', says: '{time}', reply: 'Great, that is still free.' },
    { class: 'short answer', says: 'at {time}', reply: 'Good. May I have your phone number?', asks: 'phone' },
    { class: 'correction', says: 'at seven // no eight', reply: 'At eight, very well.' },
  ],
  count: [
    { class: 'short answer', says: '{count}', reply: 'Thank you, I have noted that.' },
    { class: 'short answer', says: 'about {count}', reply: 'Alright, let me see what I can do.' },
    { class: 'pause, incomplete', says: 'there are ~ {count} of us', reply: 'Okay, that is fine.' },
  ],
  name: [
    { class: 'spelling', says: 'my name is {name}, that is {spelled}', reply: 'Thank you, I have written that down.' },
    { class: 'spelling', says: '{spelled}', reply: 'Got it. Is that all?', asks: 'yesNo' },
    { class: 'short answer', says: '{name}', reply: 'Thank you. One moment, please.' },
  ],
  phone: [
    { class: 'phone', says: '{phone}', reply: 'Thank you, we will call you back.' },
    { class: 'phone', says: 'my number is {phone}', reply: 'Great, I have saved your number.' },
    { class: 'phone', says: 'yes it is {phone}', reply: 'Thanks. Do you want a reminder by text?', asks: 'yesNo' },
  ],
  email: [
    { class: 'e-mail', says: '{email}', reply: 'Thank you, a message is on its way.' },
    { class: 'e-mail', says: "it's {email}", reply: 'Got it. You will hear from us today.' },
  ],
  order: [
    { class: 'number', says: '{digits}', reply: 'Thank you. I can see it here.' },
    { class: 'number', says: 'the number is {digits}', reply: 'Okay, I have found it. Anything else?', asks: 'yesNo' },
  ],
};

/** Said into a reply, three words and more. */
export const interruptionTemplates: readonly Template[] = [
  { class: 'interruption', says: 'can we go back to the price', reply: 'Of course. It is twenty euros a month.' },
  { class: 'interruption', says: 'no that is not what I meant', reply: 'I am sorry. What did you mean?' },
  { class: 'interruption', says: 'sorry can you say that again', reply: 'Of course. I will say it once more.' },
  { class: 'interruption', says: 'hold on I have another question', reply: 'Yes, what would you like to know?' },
  { class: 'interruption', says: 'stop I know that already', reply: 'Okay, then let us go on.' },
  { class: 'interruption', says: 'actually make that {count} people', reply: 'No problem, I have changed it.' },
  { class: 'interruption', says: 'how much does it cost?', reply: 'It costs twenty euros, all included.' },
];

/** Follows some replies, so that there is something to interrupt. */
export const replyTails: readonly string[] = [
  ' By the way, we have a new offer this week that many of our customers like.',
  ' You will also get a message with all the details in a few minutes.',
  ' And if anything changes, just call us again at any time of the day.',
];

/** Said while the other one speaks, to be polite; what a recogniser makes of them, if anything. */
export const backchannels: readonly string[] = ['mhm', 'okay', 'yeah', 'right', 'uh-huh'];
