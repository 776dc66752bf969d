/** What a reader would stumble over. */
export type FindingKind = "preamble" | "doubled_title" | "repetition" | "unknown_name";

/** Something in a chapter that a reader would stumble over. Offsets are in UTF-16 units. */
export interface Finding {
  readonly kind: FindingKind;
  /** One clause for people and for the author that mends it, without a full stop. */
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** Nothing is lost where it is cut out: no author is needed. */
  readonly cut: boolean;
}

/** A paragraph and where it stands. */
export interface Paragraph {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The paragraphs of a Markdown text: what blank lines separate. */
export function paragraphsOf(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let from = 0;
  for (const part of text.split(/(\n(?:[ \t]*\n)+)/)) {
    const paragraph = part.trim();
    const start = from + part.indexOf(paragraph);
    if (paragraph !== "") {
      paragraphs.push({ text: paragraph, start, end: start + paragraph.length });
    }
    from += part.length;
  }
  return paragraphs;
}

/** A few words of a text, for a message. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length <= 60
    ? line
    : `${line
        .slice(0, 59)
        .toWellFormed()
        .replace(/\uFFFD$/, "")}…`;
}
