const english = "“”‘’";

/** Opening and closing quotes, then those inside them, by language. */
const QUOTES: Readonly<Record<string, string | readonly string[]>> = {
  bg: "„“‚‘",
  cs: "„“‚‘",
  da: "»«›‹",
  de: "„“‚‘",
  el: "«»“”",
  es: "«»“”",
  fi: "””’’",
  fr: ["«\u00A0", "\u00A0»", "“", "”"],
  hu: "„”»«",
  it: "«»“”",
  nb: "«»‘’",
  nl: "‘’“”",
  no: "«»‘’",
  pl: "„”«»",
  ro: "„”«»",
  ru: "«»„“",
  sk: "„“‚‘",
  sl: "„“‚‘",
  sv: "””’’",
  uk: "«»„“",
};

/** The four quotation marks of a language for markdown-it; English ones where none are known. */
export function quotesOf(language: string): string | string[] {
  const quotes = QUOTES[language.split("-", 1)[0]?.toLowerCase() ?? ""] ?? english;
  return typeof quotes === "string" ? quotes : [...quotes];
}
