/** How the tokens of a language relate to what is counted: models' alphabets are made for English. */
export interface LanguageTokens {
  /** Tokens of a word, as `countWords` counts words; a Chinese or Japanese character is one. */
  readonly perWord: number;
  /** UTF-16 units of a token, at the least. */
  readonly charsPerToken: number;
}

// Rules of thumb, rounded up: an estimate that is too low is the worse mistake.
const english: LanguageTokens = { perWord: 1.35, charsPerToken: 4 };
const otherLatin: LanguageTokens = { perWord: 1.8, charsPerToken: 3.2 };
const otherAlphabet: LanguageTokens = { perWord: 2.6, charsPerToken: 2.2 };
const ideographs: LanguageTokens = { perWord: 1.3, charsPerToken: 0.75 };
const syllables: LanguageTokens = { perWord: 3, charsPerToken: 1 };

const byScript: Readonly<Record<string, LanguageTokens>> = {
  Latn: otherLatin,
  Hans: ideographs,
  Hant: ideographs,
  Jpan: ideographs,
  Kore: syllables,
};

/** @param language - BCP 47; what is no tag counts as English. */
export function languageTokens(language: string): LanguageTokens {
  try {
    const locale = new Intl.Locale(language).maximize();
    if (locale.language === "en") return english;
    return byScript[locale.script ?? "Latn"] ?? otherAlphabet;
  } catch {
    return english;
  }
}

/** Models that think before they write are paid for the thinking as well. By name, as no list tells. */
export function thinks(model: string): boolean {
  return /(?:^|[/:_-])(?:o[1-9]|gpt-[5-9]|.*(?:reason|think|r1|qwq))/i.test(model);
}
