// German. Its verbs stand at the end: `bracket` and `subordinateVerb` say when one is still missing.

import type { LanguageRules } from '../language.ts';

const MODAL =
  '(kann|können|könnte|könnten|könntest|kannst|muss|müssen|müsste|soll|sollen|sollte|sollten|darf|dürfen|dürfte|würde|würden)';

export const german: LanguageRules = {
  endings: {
    farewell: [
      '(danke|dankeschön|vielen dank|besten dank|herzlichen dank) (|schön|sehr|ihnen|für ihre hilfe|nochmal)',
      '(tschüss|tschüs|ciao|auf wiederhören|auf wiedersehen|servus|schönen tag noch|bis dann|bis morgen|bis bald)',
    ],
    closed: [
      '(das ist|das war|das wäre|das wars|das wär) (|dann) (alles|es|gut|richtig|falsch|in ordnung)',
      '(ich weiß|weiß ich|das weiß ich|keine ahnung|ich glaube|ich denke) (|es|das) (|nicht|schon|ja|nein)',
      '(wo|wer|wie|was) (sind|ist|war|bist|seid) (sie|du|er|es|das|ihr)',
      '(was|wie viel|wieviel|wie teuer|wie lange|wann|wo) (kostet|ist|war|dauert|wäre) (das|es|er|sie)',
      '(ja|nein|doch) (|natürlich) (habe|bin|kann|möchte|will|muss|war|hab) ich',
      '(ja|nein|doch) (das|es) (ist|war|geht|stimmt|passt)',
      '(kommt|passt|geht|steht|weiter|rufen|schlage|macht) (darauf|mir|so|an|auf|zu|vor|aus|ab|mit)',
      '(und|oder) so weiter',
      'wie geht es ihnen',
      '(ich|wir) (verstehe|verstehen|komme|kommen|warte|zahle|bezahle)',
      '(mach|machen) (sie|wir) das',
      '(mehr|weniger) nicht',
    ],
    filler: [
      '(ähm|äh|öhm|öh|hm|hmm|mh|ehm|em|tja|na ja|naja)',
      '(|einen|kleinen|kurzen) (moment|augenblick) (|bitte|mal|noch)',
      '(sekunde|eine sekunde|warten sie|warte|bleiben sie dran) (|kurz|mal|bitte)',
      '(lassen sie mich|lass mich|ich muss|da muss ich) (|kurz|mal|eben) (|kurz|mal) (|überlegen|schauen|nachsehen|gucken|nachschauen)',
      '(wie sagt man|wie soll ich sagen|wie heißt das|mal sehen|mal schauen|ich überlege)',
      '(sozusagen|quasi|irgendwie|halt)',
    ],
    open: [
      '(und|oder|aber|sondern|denn|weil|dass|ob|wenn|falls|damit|obwohl|während|bevor|nachdem|sobald|sowie|als|bis|indem|also|sowohl|entweder|weder)',
      '(der|die|das|dem|den|des|ein|eine|einen|einem|einer|eines|kein|keine|keinen|mein|meine|meinen|meinem|meiner|dein|deine|ihr|ihre|ihren|ihrem|unser|unsere|unseren|unserem|unserer|sein|seine|diese|dieser|diesen|diesem|jede|jeden|jedem)',
      '(für|wegen|zwischen|gegen|ohne|seit|aus|bei|von|nach|in|im|am|vom|zum|zur|beim|ins|ans|um|über|unter|hinter|neben|vor|durch|trotz|statt|gegenüber|per)',
      '(ich|wir|er|man)',
      '(möchte|möchten|hätte|hätten|würde|würden|wollte|wollten|will|bräuchte|brauche|brauchen|suche|suchen|nehme|nehmen|heiße|wohne) (|ich|wir) (|gern|gerne|eigentlich|nur|mal|bitte|noch|auch|fragen|lieber|eigentlich nur|dann)',
      `${MODAL} (|ich|wir|sie|man|du) (|mir|uns|bitte|mir bitte|auch|mal|noch|vielleicht|kurz|mir mal|mir vielleicht)`,
      '(haben|hätten|machen|bieten|brauchen|führen|nehmen|wissen|verkaufen|schließen|öffnen) sie (|am|noch|auch|schon|vielleicht|eigentlich)',
      '(gibt|geht|handelt) (|es|sich)',
      '(ist|sind|war|waren|wäre|wären|bin|wird|werden|wurde|hat|haben|hab|habe|hatte) (dass|ich|wir|da|da mal|das|der|die|dann|also)',
      '(sehr|ganz|ziemlich|besonders|ungefähr|circa|etwa|nur|eigentlich|sogar|auch|vielleicht|wahrscheinlich|zwar)',
      '(ich glaube|ich denke|ich meine|ich dachte|ich hoffe|ich finde|ich frage mich)',
      '(und|aber) dann',
      '(der|die|das|den|dem|mein|meine|meinen|ein|eine|einen) (erste|ersten|letzte|letzten|nächste|nächsten|neue|neuen|neuer|neues|alte|alten|große|großen|großer|großes|kleine|kleinen|andere|anderen|gleiche|gleichen)',
      '(zum beispiel|außerdem|nämlich)',
      '(wann|wie lange|wo) (machen|haben|kann|können|ist|sind) (|sie|ich|wir)',
    ],
    needsObject: ['(mit|zu|an|auf)'],
    needsComplement: ['(ist|sind|war|waren|wäre|wären|bin|wird|werden|wurde|hat|haben|hab|habe|hatte)'],
    hesitant: [
      '(dann|noch|mal|doch|sie|es|mich|mir|ihnen|uns)',
      'komma',
      '(am|vom|zum|den|der) (ersten|zweiten|dritten|vierten|fünften|sechsten|siebten|achten|neunten|zehnten|elften|zwölften|zwanzigsten|dreißigsten)',
      '(ich habe|ich hätte) (eine|zwei|noch eine) (frage|fragen)',
    ],
  },
  whole: {
    answer: [
      '(|oh|na|ach) (ja|jawohl|jo|nein|nee|nö|doch|genau|richtig|korrekt|stimmt|klar|sicher|natürlich|gerne|gern|bitte|unbedingt|auf jeden fall|auf keinen fall|nie) (|bitte|danke|gerne|gern|genau|klar|sicher|natürlich|richtig|das stimmt|das passt)',
      '(das|) (stimmt|passt|geht|ist richtig|ist falsch|ist korrekt) (|so|gut|nicht)',
      '(noch nicht|nicht wirklich|eigentlich nicht|nein danke|ja bitte|ich denke schon|ich glaube schon|ich glaube nicht|machen wir|machen sie das|nichts|beides|keins|egal)',
    ],
    ellipsis: [
      '(ich|wir|das|es) (habe|bin|kann|will|möchte|muss|war|ist|geht|hab|haben|sind) (|nicht)',
      '(vielleicht|wahrscheinlich|eventuell)',
    ],
    acknowledgement: [
      '(okay|ok|gut|alles klar|verstehe|verstanden|mhm|aha|prima|super|perfekt|schön|in ordnung|ach so|einverstanden)',
    ],
    greeting: ['(|ja|ähm) (hallo|guten tag|guten morgen|guten abend|grüß gott|moin|hi|servus) (|hallo|zusammen)'],
    wait: ['(|bitte) (moment|augenblick|warten|warte|warten sie) (|bitte|mal|kurz)'],
    closed: [
      '(wie bitte|was|warum|wieso|wann|wo|wer|wie|echt|wirklich|wie viel|nochmal|noch einmal|stopp|stop|abbrechen|hilfe|weiter|zurück|mitarbeiter)',
    ],
  },
  leadIns: [
    '(ja|nein|nee|doch|okay|ok|gut|also|so|na|ähm|äh|hm|und|aber|dann|hallo|hi|guten tag|guten morgen|guten abend|bitte|entschuldigung|sorry|danke|klar|genau|ach|oh|super|prima|eigentlich|jetzt|nun|moin|moment)',
  ],
  questions: [
    '(haben|hätten|können|könnten|würden|sind|gibt|ist|machen|bieten|darf|kann|muss|soll|nehmen|sprechen|wissen|brauchen|geht|hat|wird|war|kommt|kostet|ist|kennen|wollen|möchten) (sie|ich|wir|es|das|man|er|der|die|du|mein|meine|ein|eine|noch)',
    '(was|wer|wie|wo|wann|warum|wieso|welche|welcher|welches|welchen|wohin|woher|wie viel|wie viele|wie lange|womit|wofür|worum)',
  ],
  // Verbs whose particle comes last stand for it, too: "rufen Sie mich an"; so do conjunctions for the verb of their clause.
  fronted: [
    '(was|wen|wem|wer|wo|welche|welcher|welches|welchen|wie|alles|nichts|etwas)',
    '(ruf|rufe|rufen|ruft|fange|fängt|biete|bietet|bieten|komme|kommen|kommt|mache|machen|macht|gehe|geht|gehen|schalte|schalten|hole|holen|bringe|bringen|nehme|nehmen|schaue|schauen|hört|höre|melde|melden|stelle|stellen|lege|legen|passt|zeige|schlage|schlagen|zieht|ziehe|sperren)',
    '(weil|dass|ob|wenn|falls|da|obwohl|nachdem|bevor|sobald|der|die|das)',
  ],
  requests: [
    '(bitte|ruf|rufen|geben|gib|schicken|schick|stornieren|buchen|buch|verbinden|sagen|sag|zeigen|zeig|machen|mach|erklären|wiederholen|helfen|hilf|ändern|reservieren|verschieben|senden|löschen|stellen|stell|schalten|schalt|erzähl|erzählen)',
  ],
  clauseWords: [
    "(ich|wir|sie|er|es|man|das|du|ihr|mir|uns|ich's)",
    '(ist|sind|war|waren|bin|hat|haben|habe|hab|hatte|kann|können|könnte|muss|müssen|will|wollen|möchte|möchten|soll|sollte|darf|wird|werden|wurde|geht|gibt|kommt|macht|funktioniert|bleibt|steht|heißt|kostet|liegt|braucht|passt|stimmt|nehme|brauche|suche|warte)',
  ],
  subordinators: [
    '(wenn|falls|weil|obwohl|nachdem|bevor|sobald|seitdem|dass|damit|ob)',
    '(seit|da|als|während) (ich|wir|sie|er|es|man|der|die|das|mein|meine)',
  ],
  mainClauses: [
    '(bekomme|komme|rufe|nehme|zahle|brauche|melde|warte|gehe|sage|muss|kann|können|kostet|ist|wird|werde|soll|darf|will|möchte|habe|hat|geht|bleibt|macht|gibt|kommt|würde|hätte|brauche) (ich|wir|es|das|sie|man|der|die|er|dann|mir|mein|meine)',
    '(dann|bitte)',
  ],
  articles: [],
  // A relative pronoun is an article by its form, and open as one.
  relatives: ['wo', 'welcher', 'welche', 'welches'],
  determiners: ['(ein|eine|einen|einem|einer|der|die|das|den|dem|mein|meine|meinen|kein|keine|zwei|drei|vier)'],
  adjectives: [
    '(neue|neuen|neuer|neues|große|großen|großer|großes|kleine|kleinen|kleines|gute|guten|gutes|ruhigen|ruhiges|andere|anderen|anderer|anderes|zweite|zweiten|dritten|ersten|fünften|nächsten|letzten)',
  ],
  bracket: {
    openings: [`${MODAL} (ich|wir|sie|man|es|du|er|das)`, `(ich|wir|sie|man|das|es|er) ${MODAL}`],
    verb: /(?:[^n]en|[^aeiou]ern|eln|sein|tun|sehn)$/u,
  },
  subordinateVerb: /(?:[^n]t|[^aeiou]e|en|ern|bin|war|kann|muss|will|soll|darf|weiß|habe|hab)$/u,
  dictation: {
    digits: ['(null|eins|ein|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun)'],
    zeros: ['null'],
    numbers: [
      '(zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|sechzehn|siebzehn|achtzehn|neunzehn|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)',
    ],
    repetitions: { doppel: 2 },
    dictated: [
      { cues: ['(kartennummer|kreditkarte|kreditkartennummer)'], digitCounts: [16, 15], probability: 0.92 },
      { cues: ['(plz|postleitzahl)'], digitCounts: [5], probability: 0.9 },
      { cues: ['(pin|geheimzahl|sicherheitscode|letzten vier ziffern)'], digitCounts: [3, 4, 6], probability: 0.8 },
      {
        cues: [
          '(kundennummer|auftragsnummer|bestellnummer|buchungsnummer|rechnungsnummer|vertragsnummer|vorgangsnummer|kontonummer|iban|seriennummer|ticketnummer|referenznummer)',
        ],
        digitCounts: [],
        probability: 0.36,
      },
      // German numbers have no fixed length.
      {
        cues: [
          '(telefonnummer|handynummer|rückrufnummer|mobilnummer|telefon|handy)',
          '(meine|ihre|die) nummer',
          '(neue|neuen|alte|andere|private) nummer',
          '(erreichen|erreichbar) (|unter)',
          '(rufen|ruf|rufe|rückruf) (|sie|mich|uns|bitte) (|bitte|zurück) unter',
        ],
        digitCounts: [10, 11, 12, 13],
        probability: 0.6,
      },
    ],
    letterNames: [
      '(ypsilon|eszett|anton|berta|cäsar|dora|emil|friedrich|gustav|heinrich|ida|julius|kaufmann|ludwig|martha|nordpol|otto|paula|quelle|richard|samuel|siegfried|theodor|ulrich|viktor|wilhelm|xanthippe|zacharias)',
    ],
    examples: ['wie'],
    abbreviations: ['u s a', 'e u', 't v', 'p c'],
    at: ['at', 'ät'],
    dot: ['punkt', 'dot'],
    signs: ['unterstrich', 'bindestrich', 'minus', 'strich', 'plus'],
    addressCues: ['(meine|die) (adresse|anschrift) (ist|lautet)', '(ich|wir) (wohne|wohnen) in der'],
    mailCues: ['(email|e-mail|mail|mailadresse|e-mail-adresse|emailadresse)'],
    spellingCues: ['(buchstabiere|buchstabiert|buchstabieren|geschrieben|schreibt sich)'],
  },
  asks: {
    birthDate: ['(geburtsdatum|geburtstag|geboren)'],
    date: ['(welchen|welcher|welchem) tag', 'wann', '(welches|welchem) datum'],
    time: ['(wie viel|wieviel|welche|welcher) (uhr|uhrzeit)', 'wann'],
    count: ['(wie viele|wieviele|wie viel|wie lange|wie alt|wie groß)', '(anzahl)'],
    name: [
      '(ihr|der|ihren|den|welchen|welchem|vollständiger) (name|namen|nachname|nachnamen|vorname)',
      'wie heißen sie',
      'mit wem spreche ich',
    ],
    spelling: ['(buchstabieren|buchstabiert)'],
    email: ['(email|e-mail|mail|mailadresse|e-mail-adresse|emailadresse)'],
    address: ['(adresse|anschrift)', 'wo wohnen sie', 'wohin'],
  },
  yesNo: {
    openings: [
      '(ist|sind|war|haben|hat|hätten|möchten|wollen|soll|sollen|kann|können|könnten|darf|dürfen|passt|passen|stimmt|wäre|brauchen|geht|noch|würden|sonst noch|war)',
    ],
    closings: ['(richtig|korrekt|ja|oder|nicht wahr|einverstanden|okay|ok|in ordnung)'],
  },
  dates: [
    '(montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|heute|morgen|übermorgen|woche|wochenende|montags|freitags)',
    '(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)',
    '(ersten|zweiten|dritten|vierten|fünften|sechsten|siebten|achten|neunten|zehnten|elften|zwölften)',
  ],
  times: [
    '(uhr|früh|morgens|abends|nachmittags|mittags|vormittag|nachmittag|abend|mittag|jetzt|halb (eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf))',
  ],
};
