import type { SourceNote, SourceNotes } from "../authors/author.js";
import type { SourceFile } from "../service-types.js";
import { cutNotes, type CutNote } from "./notes.js";
import { createRelevance, type Relevance } from "./relevance.js";

/** What goes into the prompt of one chapter at most, in bytes of UTF-8: some 2,000 tokens, however long the source is. */
export const maxChapterNotesBytes = 8_000;
/** The same for the prompt of the outline, which is bought once. */
export const maxOutlineNotesBytes = 16_000;
/** Of a section in the outline's prompt: less says nothing. */
const minExcerptBytes = 200;
/** A passage that fits so much worse than the best one only shares words like "the" with the chapter. */
const minShareOfBest = 0.15;

/**
 * The user's own text as material for an author: the part of it that an outline or a chapter needs, within a bound.
 *
 * A source that fits goes along whole. Of a longer one the outline sees how each section begins, and a chapter the passages that
 * share most with its plan. The same source and plan choose the same passages.
 *
 * @throws InkwireError as {@link cutNotes}
 */
export function createSourceNotes(files: readonly SourceFile[]): SourceNotes {
  const notes = cutNotes(files);
  const total = notes.reduce((sum, note) => sum + sizeOf(note), 0);
  let relevance: Relevance | undefined;
  const rank = (query: string): Float64Array => {
    relevance ??= createRelevance(notes.map(({ from, text }) => ({ heading: from, text })));
    return relevance(query);
  };

  return {
    minChapterBytes: total <= maxChapterNotesBytes ? total : 0,
    maxChapterBytes: Math.min(total, maxChapterNotesBytes),
    forOutline({ title, brief }) {
      if (total <= maxOutlineNotesBytes) return notes.map(plain);
      return excerpts(notes, rank(`${title}\n${brief}`));
    },
    forChapter({ title, summary, entry, exit }) {
      if (total <= maxChapterNotesBytes) return notes.map(plain);
      return best(notes, rank([title, summary, entry, exit].join("\n")), maxChapterNotesBytes);
    },
  };
}

/** The ones that fit best, as many as there is room for, in the order of the source. */
function best(notes: readonly CutNote[], scores: Float64Array, maxBytes: number): SourceNote[] {
  const highest = scores.reduce((most, score) => Math.max(most, score), 0);
  const order = [...notes.keys()]
    .filter((at) => (scores[at] ?? 0) > highest * minShareOfBest)
    .toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const chosen = new Set<number>();
  let left = maxBytes;
  for (const at of order) {
    const note = notes[at];
    if (note === undefined || sizeOf(note) > left) continue;
    left -= sizeOf(note);
    chosen.add(at);
  }
  return notes.filter((_, at) => chosen.has(at)).map(plain);
}

/** How the sections begin; where even that is too much, of those that fit best. */
function excerpts(notes: readonly CutNote[], scores: Float64Array): SourceNote[] {
  const sections = [...notes.keys()].filter((at) => notes[at]?.opens);
  const count = Math.min(sections.length, Math.floor(maxOutlineNotesBytes / minExcerptBytes));
  const kept = sections
    .toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
    .slice(0, count)
    .toSorted((a, b) => a - b);
  const share = Math.floor(maxOutlineNotesBytes / Math.max(1, kept.length));
  return kept.flatMap((at) => {
    const note = notes[at];
    return note === undefined ? [] : [excerptOf(note, share)];
  });
}

function excerptOf({ from, text }: CutNote, maxBytes: number): SourceNote {
  const short = cutTo(from, Math.floor(maxBytes / 2));
  return { from: short, text: cutTo(text, maxBytes - sizeOf({ from: short, text: "" })) };
}

/** At a space where there is one; with a mark that there is more. */
function cutTo(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const ellipsis = "…";
  const { read } = new TextEncoder().encodeInto(
    text,
    new Uint8Array(Math.max(0, maxBytes - Buffer.byteLength(ellipsis))),
  );
  const space = Math.max(text.lastIndexOf(" ", read), text.lastIndexOf("\n", read));
  return text.slice(0, space > read / 2 ? space : read).trimEnd() + ellipsis;
}

/** With the lines that set it apart. */
function sizeOf({ from, text }: SourceNote): number {
  return Buffer.byteLength(from) + Buffer.byteLength(text) + "[]\n\n\n".length;
}

function plain({ from, text }: CutNote): SourceNote {
  return { from, text };
}
