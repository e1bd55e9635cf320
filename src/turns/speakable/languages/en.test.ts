import { describe, expect, it } from 'vitest';
import { SpeakableText } from '../speakable-text.ts';

function spoken(source: string, language = 'en-US'): string {
  const filter = new SpeakableText({ language });
  return [...filter.push(source), ...filter.flush()].map(({ text }) => text).join('');
}

const AMERICAN: readonly (readonly [source: string, spoken: string])[] = [
  [
    '**Hello** there, *friend*! This is __bold__ and _it_ and ~~gone~~.',
    'Hello there, friend! This is bold and it and gone.',
  ],
  [
    '# Opening hours\nMon–Fri: 9:00–17:00\n- Sat: 10 am - 2 pm\n- Sun: closed',
    "Opening hours.\nMonday to Friday: nine o'clock to five p.m.\nSaturday: ten a.m. to two p.m.\nSunday: closed",
  ],
  [
    '5 * 3 = 15 and 5*3 and 2 + 2 = 4, 5 - 3 = 2',
    'five times three equals fifteen and five times three and two plus two equals four, five minus three equals two',
  ],
  ['1. Open **settings**\n2. Click `Save`\n3. Done', 'one, Open settings.\ntwo, Click Save.\nthree, Done'],
  [
    'See [our site](https://example.com/a?b=c) or https://www.example.com/a. Thanks!',
    'See our site or example dot com slash a. Thanks!',
  ],
  ['```python\nprint("x")\n```\nThat\'s it.', "Code omitted.\nThat's it."],
  [
    '| Day | Hours |\n|---|---|\n| Mon | 9-5 |\n| Tue | closed |\n',
    'Day, Hours.\n\nMonday, nine to five.\nTuesday, closed.\n',
  ],
  [
    'use snake_case_name and `foo_bar` and john_doe@example.com please',
    'use snake case name and foo bar and john underscore doe at example dot com please',
  ],
  ['Great! 😀 👍🏽 Nice 👨‍👩‍👧 flag 🇩🇪 1️⃣ one :) done', 'Great! Nice flag one done'],
  ['Wow!!! Really?! Hmm.... ok', 'Wow! Really? Hmm... ok'],
  [
    'It costs $12.50, €1,200, 12 EUR or £3m. Also $3.5 million and $5-10.',
    'It costs twelve dollars and fifty cents, one thousand two hundred euros, twelve euros or three million pounds. Also three point five million dollars and five to ten dollars.',
  ],
  [
    'March 5, 2026 or 5 March 2026 or 3/5/2026 or 2026-03-05 or March 5th.',
    'March fifth, twenty twenty-six or March fifth, twenty twenty-six or March fifth, twenty twenty-six or March fifth, twenty twenty-six or March fifth.',
  ],
  [
    "In 1999 and 2007, since 2026. The 1990s, '80s, 90s. 1500 people",
    'In nineteen ninety-nine and two thousand seven, since twenty twenty-six. The nineteen nineties, eighties, nineties. fifteen hundred people',
  ],
  ['1/2 cup, 1 1/2 cups, 2½ and 24/7', 'one half cup, one and a half cups, two and a half and twenty-four seven'],
  [
    'Version 1.2.3, v2.0, Node 24.1',
    'Version one point two point three, version two point zero, Node twenty-four point one',
  ],
  [
    'Call +1 (555) 123-4567 or 555-123-4567 or 555-1234.',
    'Call plus one, five five five, one two three, four five six seven or five five five, one two three, four five six seven or five five five, one two three four.',
  ],
  [
    'At 7:30, 7:30 pm, 19:00, 7 p.m. Tomorrow 7:05.',
    'At seven thirty, seven thirty p.m., seven p.m., seven p.m. Tomorrow seven oh five.',
  ],
  [
    '5 km, 20°C, 3 kg, 5 min, 1 km, 60 km/h, -5 °C, $5/month',
    'five kilometers, twenty degrees Celsius, three kilograms, five minutes, one kilometer, sixty kilometers per hour, minus five degrees Celsius, five dollars per month',
  ],
  [
    'Your code is 482913. PIN 0042. zip 94105. The number 12345678. Order AB12345',
    'Your code is four eight two nine one three. PIN zero zero four two. zip nine four one zero five. The number one two three, four five six, seven eight. Order AB one two three four five',
  ],
  [
    'e.g. this, i.e. that, etc. Dr. Smith lives at 12 Main St. Open. St. John, approx. 5, 3 vs. 4',
    'for example this, that is that, et cetera. Doctor Smith lives at twelve Main Street. Open. Saint John, approximately five, three versus four',
  ],
  [
    '50% off, 1,234,567 & 3.14 ~5 #1 @home A&B AT&T',
    'fifty percent off, one million two hundred thirty-four thousand five hundred sixty-seven and three point one four about five number one at home A and B AT and T',
  ],
  [
    'MP3, 5G, COVID-19, 10-year-old, B2B, C#, C++',
    'MP three, five G, COVID-nineteen, ten-year-old, B two B, C sharp, C plus plus',
  ],
  ['report.pdf and README.md, index.html', 'report dot PDF and README dot MD, index dot html'],
  ['his/her and/or w/ x = 5, a < b, x -> y', 'his her and or with x equals five, a less than b, x to y'],
  ['It costs $5. March on. May I help? 3 apples. ', 'It costs five dollars. March on. May I help? three apples. '],
  ['<b>Hi</b><br>there &amp; you &lt;3', 'Hi\nthere and you '],
  ['Note[^1] here.\n[^1]: The note.', 'Note here.\nThe note.'],
  ['1 Hello 21st 2nd 3rd 101 1000000', 'one Hello twenty-first second third one hundred one one million'],
  [
    'from 9 to 5, 9-5, 9–17, 10:00-12:00, 16:9',
    "from nine to five, nine to five, nine to seventeen, ten o'clock to twelve o'clock, sixteen to nine",
  ],
  ['I think I can. May 2026. On 3/5 we meet.', 'I think I can. May twenty twenty-six. On March fifth we meet.'],
  ['> quote here\n> more', 'quote here\nmore'],
  ['- [x] done\n- [ ] todo', 'done.\ntodo'],
  [
    "We're open **Monday–Friday, 9 a.m.–5 p.m.**, and Saturday 10–2.",
    "We're open Monday to Friday, nine a.m. to five p.m., and Saturday ten to two.",
  ],
  [
    'Your appointment is on Tue, March 5 at 3:15 p.m. with Dr. Lee.',
    'Your appointment is on Tuesday, March fifth at three fifteen p.m. with Doctor Lee.',
  ],
  [
    'Room 204 is $129/night, breakfast (7:00–10:30) is $15.',
    "Room two hundred four is one hundred twenty-nine dollars per night, breakfast (seven o'clock to ten thirty) is fifteen dollars.",
  ],
  ["I'd say it's about 3-4 days, or 72 hrs.", "I'd say it's about three to four days, or seventy-two hours."],
  [
    'The temperature is -3°F; feels like 10° outside.',
    'The temperature is minus three degrees Fahrenheit; feels like ten degrees outside.',
  ],
  [
    'He was born in 1984, on 12/25/1984.',
    'He was born in nineteen eighty-four, on December twenty-fifth, nineteen eighty-four.',
  ],
  ['We have 2,500 customers in 14 countries.', 'We have two thousand five hundred customers in fourteen countries.'],
  [
    'Add 1/2 tsp salt and 2 tbsp oil, 250 g flour, 1 l milk.',
    'Add one half teaspoon salt and two tablespoons oil, two hundred fifty grams flour, one liter milk.',
  ],
  ['The ratio is 3:1, score 3-2.', 'The ratio is three to one, score three to two.'],
  [
    'Meet @anna or visit example.org/about-us/team_page.html?x=1#top now.',
    'Meet at anna or visit example dot org slash about dash us slash team underscore page dot html now.',
  ],
  ['[Docs](https://docs.example.com/very/long), [x] and array[0].', 'Docs, x and array.'],
  [
    "\"Quoted **bold**\" (and *italic*), don't, it's, O'Brien's",
    "\"Quoted bold\" (and italic), don't, it's, O'Brien's",
  ],
  [
    'The 2nd floor, 42nd St. and 5th Ave. are near.',
    'The second floor, forty-second Street and fifth Avenue are near.',
  ],
  [
    'Flight BA2490 departs gate B12 at 06:45.',
    'Flight BA two four nine zero departs gate B twelve at six forty-five a.m.',
  ],
  [
    'Your balance: $1,234.56. You owe -$20.',
    'Your balance: one thousand two hundred thirty-four dollars and fifty-six cents. You owe minus twenty dollars.',
  ],
  [
    'Nov. 3 works. Mar 3rd, 2027? Sept. 2026',
    'November third works. March third, twenty twenty-seven? September twenty twenty-six',
  ],
  [
    "That's 1.5M users, $2B, $10k, 5k run",
    "That's one point five million users, two billion dollars, ten thousand dollars, five thousand run",
  ],
  ['I have 1 dog, 2 cats & 3 birds.', 'I have one dog, two cats and three birds.'],
  [
    'Between 1914 and 1918. In the 1800s, 2000s. (1987)',
    'Between nineteen fourteen and nineteen eighteen. In the eighteen hundreds, two thousands. (nineteen eighty-seven)',
  ],
  ['Ends with number 7. Next', 'Ends with number seven. Next'],
  ['call 911 or 1-800-555-0199', 'call nine one one or one, eight zero zero, five five five, zero one nine nine'],
  [
    '192.168.0.1 is local, v3 is out',
    'one hundred ninety-two point one hundred sixty-eight point zero point one is local, version three is out',
  ],
  ['25% - 30% off, 3–5%, 5 %', 'twenty-five percent to thirty percent off, three to five percent, five percent'],
  ['He said: "5 > 3" and 3 < 5, ±2', 'He said: "five greater than three" and three less than five, plus or minus two'],
  ['A/B test, TCP/IP, 24/7, w/o it, N/A', 'A B test, TCP IP, twenty-four seven, without it, N A'],
  [
    '50 km/h, 100 m/s, 5 GB, 16GB RAM, 2.4 GHz',
    'fifty kilometers per hour, one hundred meters per second, five gigabytes, sixteen gigabytes RAM, two point four gigahertz',
  ],
  ['https://example.com', 'example dot com'],
  ['Go to (https://example.com/a_b).', 'Go to (example dot com slash a underscore b).'],
  ['Line\n\n\n## Title\n\nText with  two spaces', 'Line\n\n\nTitle.\n\nText with  two spaces'],
  ['> **Note:** Be careful!', 'Note: Be careful!'],
  ['1) one\n2) two\n   - nested\n   - more', 'one, one.\ntwo, two.\nnested.\nmore'],
  ['|a|b|\n|:-:|--:|\n|1|$2|', 'a, b.\n\none, two dollars'],
  ['***bold italic*** **a**b **a**, __init__.py', 'bold italic ab a, init dot PY'],
  ['~~~\ncode\n~~~\nafter', 'Code omitted.\nafter'],
  ['````\n```\nx\n````\nafter', 'Code omitted.\nafter'],
  [
    "I'm in May. May 5 is good. Sat down. Sat 5 pm. Sun is shining, Mon: closed",
    "I'm in May. May fifth is good. Sat down. Saturday five p.m. Sun is shining, Monday: closed",
  ],
  [
    '$ 5 and 5 $ and USD 5 and 5 dollars and US$7',
    'five dollars and five dollars and five dollars and five dollars and seven dollars',
  ],
  ['5th of March 2026, the 4th of July, July 4', 'March fifth, twenty twenty-six, the fourth of July, July fourth'],
  ['from 5-7 pm, 5pm-7pm, 5 to 7pm', 'from five to seven p.m., five p.m. to seven p.m., five to seven p.m.'],
  [
    '1,000,000.50 and 0.5 and .5 and 007',
    'one million point five zero and zero point five and point five and zero zero seven',
  ],
  ['2026', 'twenty twenty-six'],
  ['10', 'ten'],
  ['Mon 3/9 at 14:30 (UTC+2)', 'Monday March ninth at two thirty p.m. (UTC plus two)'],
  [
    '€3.50/kg, $5/month, 72° F',
    'three euros and fifty cents per kilogram, five dollars per month, seventy-two degrees Fahrenheit',
  ],
  ['2026-03-05T19:00:00Z', 'March fifth, twenty twenty-six, seven p.m.'],
  ['Mar–Apr, the year is 2026', 'March to April, the year is twenty twenty-six'],
  ['user@constructor.com', 'user at constructor dot com'],
];

const BRITISH: readonly (readonly [source: string, spoken: string])[] = [
  ['5 March 2026 and 3/5/2026', 'the fifth of March twenty twenty-six and the third of May twenty twenty-six'],
  ['on the 5th of March', 'on the fifth of March'],
  ['1,234 items', 'one thousand two hundred and thirty-four items'],
  ['In 2007.', 'In two thousand and seven.'],
];

describe('English', () => {
  it.each(AMERICAN)('in America: %j', (source, expected) => {
    expect(spoken(source)).toBe(expected);
  });

  it.each(BRITISH)('in Britain: %j', (source, expected) => {
    expect(spoken(source, 'en-GB')).toBe(expected);
  });
});
