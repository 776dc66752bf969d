/** What of a document is searched, such as its heading and its text; a heading counts more. */
export interface SearchedText {
  readonly heading: string;
  readonly text: string;
}

/** How well each document fits a query; 0 where they have no word in common. */
export type Relevance = (query: string) => Float64Array;

const headingWeight = 3;
/** The usual constants of BM25: how soon more of the same word says nothing new, and how much a long text is held back. */
const saturation = 1.2;
const lengthShare = 0.75;
/** Forms of a word mostly share their beginning: "storm", "storms" and "stormy" find each other. */
const stemChars = 4;

/**
 * Ranks texts by the words that they share with a query, rare ones first, as BM25 does: without a model, the same each time.
 *
 * @see https://www.staff.city.ac.uk/~sbrp622/papers/foundations_bm25_review.pdf section 3
 */
export function createRelevance(documents: readonly SearchedText[]): Relevance {
  const places = new Map<string, Array<{ readonly document: number; readonly count: number }>>();
  const lengths = documents.map(({ heading, text }, document) => {
    const counts = new Map<string, number>();
    let length = 0;
    const count = (words: Iterable<string>, weight: number): void => {
      for (const word of words) {
        counts.set(word, (counts.get(word) ?? 0) + weight);
        length += 1;
      }
    };
    count(searchWords(heading), headingWeight);
    count(searchWords(text), 1);
    for (const [word, times] of counts) {
      const found = places.get(word) ?? [];
      if (found.length === 0) places.set(word, found);
      found.push({ document, count: times });
    }
    return length;
  });
  const average =
    Math.max(
      1,
      lengths.reduce((sum, length) => sum + length, 0),
    ) / Math.max(1, documents.length);

  return (query) => {
    const scores = new Float64Array(documents.length);
    for (const word of new Set(searchWords(query))) {
      const found = places.get(word) ?? [];
      const rarity = Math.log(1 + (documents.length - found.length + 0.5) / (found.length + 0.5));
      for (const { document, count } of found) {
        const length = lengths[document] ?? 0;
        const damped = saturation * (1 - lengthShare + (lengthShare * length) / average);
        scores[document] =
          (scores[document] ?? 0) + (rarity * count * (saturation + 1)) / (count + damped);
      }
    }
    return scores;
  };
}

/** Scripts that put no space between words: two signs in a row stand for one. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The words of a text as they are compared: small, without accents; of a long one its beginning as well. */
export function* searchWords(text: string): Generator<string> {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{Mn}+/gu, "")
    .toLowerCase();
  for (const [word] of plain.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (!UNSPACED.test(word)) {
      if (word.length > 1) yield word;
      if (word.length > stemChars) yield word.slice(0, stemChars);
      continue;
    }
    const signs = [...word];
    if (signs.length === 1) yield word;
    for (let at = 0; at + 1 < signs.length; at++) yield `${signs[at]}${signs[at + 1]}`;
  }
}
