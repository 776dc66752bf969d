import { factKey, type BibleFact, type FactKind } from "./facts.js";

/** A chapter as far as the bible is concerned. */
export interface FactSource {
  readonly number: number;
  readonly facts?: readonly BibleFact[] | undefined;
}

/** One side of a person, place or thing, and what each chapter says of it. */
export interface BibleEntry {
  readonly kind: FactKind;
  readonly subject: string;
  readonly about: string;
  /** Oldest first; the last one holds. Chapters that say the same again add none. */
  readonly versions: ReadonlyArray<{ readonly chapter: number; readonly fact: string }>;
}

/**
 * The story bible of these chapters: what they settle, in the order of the book. It depends on what the chapters are, never on
 * which was written first.
 */
export function makeBible(chapters: readonly FactSource[]): BibleEntry[] {
  const entries = new Map<
    string,
    { entry: BibleEntry; versions: { chapter: number; fact: string }[] }
  >();
  for (const { number, facts = [] } of chapters.toSorted((a, b) => a.number - b.number)) {
    for (const fact of facts) {
      const key = factKey(fact);
      const known = entries.get(key);
      if (known === undefined) {
        const versions = [{ chapter: number, fact: fact.fact }];
        const { kind, subject, about } = fact;
        entries.set(key, { entry: { kind, subject, about, versions }, versions });
      } else if (known.versions.at(-1)?.fact !== fact.fact) {
        known.versions.push({ chapter: number, fact: fact.fact });
      }
    }
  }
  return [...entries.values()].map(({ entry }) => entry);
}
