import { readFile } from "node:fs/promises";
import type { BookView } from "@inkwire/core/books";
import type { BookMessage } from "@inkwire/core/protocol";

/** What is said about a recording wherever it is shown. */
export interface RecordingHead {
  readonly v: 1;
  /** How it came about, in sentences for people: who wrote, and what was staged. */
  readonly about: string;
  readonly title: string;
  readonly author: string;
  readonly bookId: number;
  /** ISO 8601. */
  readonly recordedAt: string;
}

/** One thing that happened, `at` milliseconds after the beginning. */
export type RecordedEvent =
  | { readonly at: number; readonly message: BookMessage }
  | { readonly at: number; readonly book: BookView };

export interface Recording extends RecordingHead {
  /** In the order in which they came; the last is the book as it was at the end. */
  readonly events: readonly RecordedEvent[];
}

/**
 * The recording that comes with the command: lines of JSON, written by `scripts/record-demo.js`. The first says what it is.
 * The text of chapters, most of all lines, is kept short as `[at, chapter, offset, text]`; all others are as they came.
 */
export async function readRecording(): Promise<Recording> {
  // From here it is the same way in the sources and in what is built.
  const text = await readFile(new URL("../demo/recording.jsonl", import.meta.url), "utf8");
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const known = JSON.parse(head) as RecordingHead;
  const events = lines.map((line, index) =>
    readEvent(known, JSON.parse(line) as ShortText | RecordedEvent, index),
  );
  return { ...known, events };
}

type ShortText = readonly [at: number, chapter: number, offset: number, text: string];

function readEvent(
  head: RecordingHead,
  line: ShortText | RecordedEvent,
  index: number,
): RecordedEvent {
  if (!("length" in line)) return line;
  const [at, chapter, offset, text] = line;
  const message: BookMessage = {
    id: `demo.${index + 1}`,
    type: "chapter_text",
    topic: `book/${head.bookId}`,
    time: new Date(Date.parse(head.recordedAt) + at).toISOString(),
    data: { book_id: head.bookId, chapter, offset, text, done: false },
  };
  return { at, message };
}
