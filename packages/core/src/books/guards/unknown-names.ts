import { paragraphsOf, type Finding } from "./finding.js";

/** Languages that capitalise names and little else, and leave their endings alone. */
const LANGUAGES: ReadonlySet<string> = new Set([
  "en",
  "fr",
  "es",
  "it",
  "pt",
  "nl",
  "da",
  "sv",
  "nb",
  "no",
  "ca",
  "id",
]);
/** Names that come this often and were never planned are somebody. */
const maxMentions = 8;
const maxNames = 6;

/** In the middle of a sentence, where only a name has a capital. */
const NAME = /(?<=[\p{Ll}\d,;]\s)\p{Lu}[\p{Ll}\p{M}]{2,}(?:[-’'](?=\p{Lu})\p{Lu}[\p{Ll}\p{M}]+)*/gu;

/**
 * Names that nothing before this chapter knows: spelt almost like one that is known, or used all the time.
 *
 * Finds nothing in languages whose nouns have capitals (German) or whose names change their endings (Russian, Polish, Finnish):
 * there it would be wrong too often.
 *
 * @param known - all that may name people and places: request, outline, bible, earlier chapters.
 */
export function findUnknownNames(text: string, known: string, language: string): Finding[] {
  if (!LANGUAGES.has(language.split("-", 1)[0]?.toLowerCase() ?? "")) return [];
  const knownWords = new Set(known.match(/[\p{L}\p{M}]{3,}(?:[-’'][\p{L}\p{M}]+)*/gu) ?? []);
  const lower = new Set([...knownWords].map((word) => word.toLowerCase()));
  const names = [...knownWords].filter((word) => /^\p{Lu}/u.test(word) && word.length >= 4);
  const counts = new Map<string, number>();
  for (const [name] of text.matchAll(NAME)) counts.set(name, (counts.get(name) ?? 0) + 1);

  const found: Array<{ readonly name: string; readonly message: string }> = [];
  for (const [name, count] of counts) {
    // A word that also comes in small letters is no name.
    if (lower.has(name.toLowerCase()) || hasSmall(text, name)) continue;
    const like = names.find((other) => isAlmost(name, other));
    if (like !== undefined && !counts.has(like)) {
      found.push({ name, message: `"${name}" is written here, and "${like}" everywhere else` });
    } else if (count > maxMentions && names.length > 0) {
      found.push({
        name,
        message: `"${name}" is named ${count} times and nothing planned knows that name`,
      });
    }
  }
  return found.slice(0, maxNames).flatMap(({ name, message }) => findingsOf(text, name, message));
}

function findingsOf(text: string, name: string, message: string): Finding[] {
  const word = new RegExp(`(?<![\\p{L}\\p{M}])${name}(?![\\p{L}\\p{M}])`, "u");
  return paragraphsOf(text)
    .filter((paragraph) => word.test(paragraph.text))
    .map(({ start, end }) => ({ kind: "unknown_name", message, start, end, cut: false }));
}

function hasSmall(text: string, name: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{M}])${name.toLowerCase()}(?![\\p{L}\\p{M}])`, "u").test(text);
}

/** One letter apart, and not one form of the other such as `Tide` and `Tides`. */
function isAlmost(name: string, other: string): boolean {
  if (name.length < 4 || Math.abs(name.length - other.length) > 1) return false;
  if (name.startsWith(other) || other.startsWith(name)) return false;
  // Another first letter is another name.
  if (name[0] !== other[0]) return false;
  let start = 0;
  while (start < name.length && name[start] === other[start]) start += 1;
  const [a, b] = [name.slice(start), other.slice(start)];
  if (a.length === b.length) {
    return (
      a.slice(1) === b.slice(1) || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
    );
  }
  return a.length > b.length ? a.slice(1) === b : b.slice(1) === a;
}
