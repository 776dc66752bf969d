import { excerpt, paragraphsOf, type Finding } from "./finding.js";

/** So many words in the same order are a coincidence no more. Han and kana count one by one. */
const gramWords = 24;
/** A refrain has a few lines: as much as this may come back once. */
const maxRefrainWords = 50;
/** How often a shorter passage may come. */
const maxTimes = 2;
/** Bounds for what a text without end may take: no chapter of a book has as many words, nor as many faults. */
const maxWords = 100_000;
const maxFindings = 100;

const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[[\p{L}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]][\p{L}\p{M}\p{N}'’]*/gv;

interface Words {
  readonly words: readonly string[];
  /** Where each begins and ends. */
  readonly spans: ReadonlyArray<readonly [start: number, end: number]>;
}

/**
 * Passages that say again, word by word, what stands before in this chapter or in one of `earlier`. A refrain is none, nor is a
 * phrase: it takes {@link maxRefrainWords} words, or {@link gramWords} for the third time.
 *
 * @param earlier - texts of chapters that come before.
 */
export function findRepetition(text: string, earlier: readonly string[] = []): Finding[] {
  const { words, spans } = wordsOf(text);
  const before = new Set(earlier.flatMap((other) => gramsOf(wordsOf(other).words)));
  const first = new Map<string, number>();
  const times = new Map<string, number>();
  const findings: Finding[] = [];
  for (let at = 0; at + gramWords <= words.length && findings.length < maxFindings; at += 1) {
    const gram = gramAt(words, at);
    const origin = first.get(gram);
    if (origin === undefined && !before.has(gram)) {
      first.set(gram, at);
      continue;
    }
    const length =
      origin !== undefined && origin + gramWords <= at
        ? sameLength(words, origin, at)
        : before.has(gram)
          ? knownLength(words, at, before)
          : 0;
    if (length < gramWords) continue;
    const count = (times.get(gram) ?? 1) + 1;
    times.set(gram, count);
    if (length > maxRefrainWords || count > maxTimes) {
      const start = spans[at]?.[0] ?? 0;
      const end = spans[at + length - 1]?.[1] ?? text.length;
      findings.push(passage(text, start, end, origin !== undefined));
    }
    at += length - 1;
  }
  return findings;
}

/** The paragraphs around a repetition. One that stands there as a whole already can go. */
function passage(text: string, start: number, end: number, isOwn: boolean): Finding {
  const paragraphs = paragraphsOf(text);
  const touched = paragraphs.filter((paragraph) => paragraph.start < end && paragraph.end > start);
  const from = touched[0]?.start ?? start;
  const to = touched.at(-1)?.end ?? end;
  const seen = new Set(
    paragraphs.filter((paragraph) => paragraph.end <= from).map(({ text: whole }) => whole),
  );
  const cut = isOwn && touched.length > 0 && touched.every(({ text: whole }) => seen.has(whole));
  const where = isOwn ? "stands in this chapter already" : "stands in an earlier chapter already";
  return {
    kind: "repetition",
    message: `"${excerpt(text.slice(start, end))}" ${where}`,
    start: from,
    end: to,
    cut,
  };
}

function wordsOf(text: string): Words {
  const words: string[] = [];
  const spans: Array<readonly [number, number]> = [];
  for (const match of text.matchAll(WORD)) {
    words.push(match[0].toLowerCase());
    spans.push([match.index, match.index + match[0].length]);
    if (words.length === maxWords) break;
  }
  return { words, spans };
}

function gramsOf(words: readonly string[]): string[] {
  return Array.from({ length: Math.max(0, words.length - gramWords + 1) }, (_, at) =>
    gramAt(words, at),
  );
}

function gramAt(words: readonly string[], at: number): string {
  return words.slice(at, at + gramWords).join(" ");
}

function sameLength(words: readonly string[], origin: number, at: number): number {
  let length = 0;
  while (
    origin + length < at &&
    at + length < words.length &&
    words[origin + length] === words[at + length]
  )
    length += 1;
  return length;
}

function knownLength(words: readonly string[], at: number, known: ReadonlySet<string>): number {
  let length = gramWords;
  while (at + length < words.length && known.has(gramAt(words, at + length - gramWords + 1)))
    length += 1;
  return length;
}
