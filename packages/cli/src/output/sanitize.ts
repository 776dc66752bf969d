// Titles, chapter text and error messages come from models, files and servers. What of it reaches a terminal is text:
// an escape sequence could retitle the window, move the cursor or write to the clipboard, and a bidi control could
// make a path look like another one.

/** CSI, then the strings (DCS, SOS, OSC, PM, APC) to their end or the line's, then the short ones (ECMA-48 section 5). */
const ESCAPE_SEQUENCE = new RegExp(
  [
    String.raw`(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?`,
    String.raw`(?:\u001B[PX\]^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C\r\n]*(?:\u0007|\u001B\\|\u009C)?`,
    String.raw`\u001B[ -/]*[0-~]?`,
  ].join("|"),
  "g",
);

/** Controls but tab and line feed, everything that reorders or hides text, and noncharacters. */
const UNSAFE =
  /(?![\t\n])[\p{Cc}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u206A-\u206F\uFEFF\uFFF9-\uFFFB]/gu;

/** Text of several lines, made safe for a terminal: tab and line feed stay, a lone surrogate becomes U+FFFD. */
export function sanitizeText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(ESCAPE_SEQUENCE, "")
    .toWellFormed()
    .replace(UNSAFE, "");
}

/**
 * The same as one line: every run of white space is one space.
 *
 * @param maxLength - in code points; longer text ends with `…`. @default 2_000
 */
export function sanitizeLine(text: string, maxLength = 2_000): string {
  // Cut before the work as well: a caller may have been given megabytes.
  const line = sanitizeText(text.slice(0, maxLength * 8))
    .replace(/\s+/g, " ")
    .trim();
  const points = Array.from(line);
  return points.length <= maxLength ? line : `${points.slice(0, maxLength - 1).join("")}…`;
}

/** JSON text whose strings can't act on a terminal either: the same value, with the unsafe characters as `\uXXXX`. */
export function sanitizeJson(json: string): string {
  return json.replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
