import { cleanLine } from "../text.js";

export const factKinds = ["person", "place", "thing", "time", "promise", "rule"] as const;
/** What a fact of the story bible is about. */
export type FactKind = (typeof factKinds)[number];

/** Something that a chapter settles and that no later one may contradict. */
export interface BibleFact {
  readonly kind: FactKind;
  /** Who or what it is about, by the name that the book uses. */
  readonly subject: string;
  /** Which side of it, such as `age` or `where`: what a later chapter says of the same side takes its place. */
  readonly about: string;
  /** One sentence. */
  readonly fact: string;
}

/** Of one chapter. What an author says beyond it is left out. */
export const maxFactsPerChapter = 12;
const maxName = 80;
const maxFact = 240;

/** An author's facts, cleaned, cut to size, each side of a subject once. Whatever is none is left out: they are an aid. */
export function checkFacts(facts: readonly unknown[]): BibleFact[] {
  const checked = new Map<string, BibleFact>();
  for (const one of facts) {
    const fact = readFact(one);
    if (fact !== undefined) checked.set(factKey(fact), fact);
  }
  return [...checked.values()].slice(0, maxFactsPerChapter);
}

/** What makes two facts versions of one. */
export function factKey({ subject, about }: BibleFact): string {
  return `${subject}\n${about}`.toLowerCase();
}

function readFact(value: unknown): BibleFact | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, subject, about, fact } = value as Record<string, unknown>;
  const known = factKinds.find((one) => one === kind) ?? "thing";
  const name = lineOf(subject, maxName);
  const sentence = lineOf(fact, maxFact);
  if (name === "" || sentence === "") return undefined;
  return { kind: known, subject: name, about: lineOf(about, maxName), fact: sentence };
}

function lineOf(value: unknown, max: number): string {
  if (typeof value !== "string") return "";
  const line = cleanLine(value.slice(0, max * 4));
  return line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
