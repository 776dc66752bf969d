/** Honest prose that looks a little like what the guards are after. Nothing may be found in it. */
export const honest: ReadonlyArray<readonly [what: string, language: string, text: string]> = [
  [
    "a story that begins with sure",
    "en",
    "Sure, he had read the chapter on knots. He had read it twice.\n\n“Sure,” said Anna, “here is the chapter you asked for: take it.”\n\nShe left.",
  ],
  [
    "a letter that begins with here is",
    "en",
    "Here is the chapter of my life that I never told:\n\nI was born at sea.\n\nThe rest you know.",
  ],
  [
    "of course without a comma",
    "en",
    "Of course the chapter of accidents was not over yet.\n\nThe tide turned.",
  ],
  [
    "a robot that speaks",
    "en",
    "“As an AI language model, I cannot love,” said the robot.\n\n“Let me know if you want to continue the chapter,” it added.\n\nNobody laughed.",
  ],
  [
    "an end with a question",
    "en",
    "The door closed.\n\nWould you like to know what she found there? So would I.\n\nI hope you sleep.",
  ],
  [
    "a guide that speaks to its reader",
    "en",
    "Feel free to skip the tables.\n\nLet me know a good map, and I will show you the tide.\n\nLet me know the sea.",
  ],
  ["thinking in code", "en", "Write `<thinking>` at the top.\n\nThe parser does the rest."],
  [
    "German nouns",
    "de",
    "Natürlich kannte Jan das Kapitel. Der Hafen lag still, und die Möwen schwiegen, als der Alte vom Kai kam und den Hund rief.\n\n„Klar“, sagte er, „hier ist das Kapitel, das du wolltest.“\n\nHier ist das Meer.",
  ],
  [
    "French speech with dashes",
    "fr",
    "— Bien sûr, dit-elle, voici le chapitre que tu voulais.\n\nVoici la mer, et voici le vent.\n\nDites-moi où est le port.",
  ],
  [
    "Spanish questions",
    "es",
    "¿Quieres que te cuente el final? No hay final.\n\nClaro que el mar vuelve.\n\nEspero que duermas.",
  ],
  [
    "Italian",
    "it",
    "Certo che il mare torna. Ecco la barca, ecco il porto.\n\nSpero che tu dorma.",
  ],
  ["Portuguese", "pt", "Claro que o mar volta. Aqui está o porto.\n\nEspero que durmas."],
  [
    "Russian names in all their forms",
    "ru",
    "Конечно, Анна знала море. Он видел Анну, говорил с Анной и писал Анне.\n\nВот море.\n\nНадеюсь, ты спишь.",
  ],
  [
    "Polish names in all their forms",
    "pl",
    "Oczywiście Marek znał morze. Widziała Marka i rozmawiała z Markiem.",
  ],
  ["Chinese", "zh", "好的天气从来不长久。以下是海的声音。\n\n如果您听见了，请告诉我。"],
  ["Japanese", "ja", "もちろん海は戻る。以下は港の話である。\n\nご希望の宿はない。"],
  [
    "a refrain",
    "en",
    `The sea takes and the sea gives back, the sea takes and the sea forgets, and we who wait upon the wall will wait until the evening sets.\n\nThey sang it twice.\n\nThe sea takes and the sea gives back, the sea takes and the sea forgets, and we who wait upon the wall will wait until the evening sets.\n\nThen they went home.`,
  ],
  [
    "a phrase that comes back",
    "en",
    Array.from(
      { length: 30 },
      (_, day) => `On day ${day} the water came up to the wall, and on day ${day} it went.`,
    ).join("\n\n"),
  ],
  [
    "plurals and possessives",
    "en",
    "They met the Tide in the Harbour, and the Tides of the Harbours. It was Yann's boat, and the Yanns laughed; nobody knew Yann.",
  ],
  [
    "weekdays and countries",
    "en",
    "They came on Monday, from France, and left on Tuesday for Spain. On Monday they were back in France.",
  ],
];

/** A text about the sea that says nothing twice. */
export function prose(sentences: number, salt = 0): string {
  const nouns = [
    "harbour",
    "lantern",
    "tide",
    "rope",
    "gull",
    "cellar",
    "letter",
    "market",
    "bell",
    "stone",
    "field",
  ];
  const verbs = ["waited", "turned", "fell silent", "rose", "answered", "closed", "burnt low"];
  return Array.from({ length: sentences }, (_, index) => {
    const at = index * 7 + salt * 13;
    const noun = nouns[at % nouns.length];
    const other = nouns[(at * 3 + index) % nouns.length];
    return `In hour ${index + salt * 1_000} the ${noun} ${verbs[(at + index) % verbs.length]} beside the ${other}.`;
  }).join(" ");
}
