import type { BookStatus, ChapterText } from "./catalog.js";

/*
 * What both ends do with the messages of books. It is apart from the catalog, since no bundler can tell that its
 * validators are not wanted in a browser, where nothing is published.
 */

/** No message of ours says more than this at once; longer text is split by its writer. */
export const MAX_CHAPTER_TEXT = 65_536;

/** Whether a book's job has come to an end that a new message can't change. */
export function isTerminalStatus(status: BookStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/**
 * Joins two pieces of one chapter when the second continues the first.
 * An `offset` before the end of the first means that the chapter starts over from there (a retry): they stay two.
 */
export function joinChapterText(older: ChapterText, newer: ChapterText): ChapterText | undefined {
  if (older.done || newer.offset !== older.offset + older.text.length) return undefined;
  if (older.text.length + newer.text.length > MAX_CHAPTER_TEXT) return undefined;
  return { ...newer, offset: older.offset, text: older.text + newer.text };
}
