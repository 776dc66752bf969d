import { findDoubledTitle } from "./doubled-title.js";
import type { Finding } from "./finding.js";
import { findLeaks } from "./preamble.js";
import { findInstructions } from "./instructions.js";
import { findRepetition } from "./repetition.js";
import { findUnknownNames } from "./unknown-names.js";

/** What the guards know beside the text. */
export interface GuardContext {
  readonly chapter: { readonly number: number; readonly title: string };
  readonly language: string;
  /** Texts of chapters before it. */
  readonly earlier: readonly string[];
  /** All that may name people and places; `undefined` where nothing was planned, and any name is as good as another. */
  readonly known: string | undefined;
  /** What its author was told beside the material, which belongs into no book. @default nothing is known of it */
  readonly instructions?: string | undefined;
}

/** Everything that the guards find in a chapter, in its order, without a model. */
export function checkChapter(text: string, context: GuardContext): Finding[] {
  const { chapter, earlier, known, language, instructions } = context;
  return [
    ...findDoubledTitle(text, chapter),
    ...findLeaks(text),
    ...findInstructions(text, instructions),
    ...findRepetition(text, earlier),
    ...(known === undefined ? [] : findUnknownNames(text, known, language)),
  ].toSorted((a, b) => a.start - b.start || a.end - b.end);
}
