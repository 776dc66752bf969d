import { createMemo, type Accessor } from "solid-js";
import type { BookView } from "./book-view.js";

/**
 * What is worth to be said aloud of a book: its end, and each quarter of the way. Not what is so from the start.
 *
 * @param saysEnd - whether that it was finished, or failed, is said here; else it is left to somebody else.
 */
export function milestones(book: BookView, saysEnd: () => boolean): Accessor<string> {
  const said = createMemo<{ key: string; text: string } | undefined>((before) => {
    if (book.state() === undefined) return undefined;
    const quarter = Math.floor((book.percent() ?? 0) / 25);
    const key = `${book.taskId()} ${book.state()} ${quarter}`;
    if (key === before?.key) return before;
    const text = `${book.title()}: ${book.stateText()}, ${book.percentText(quarter * 25)}`;
    const isEnd = book.state() === "completed" || book.state() === "failed";
    return { key, text: before === undefined || (isEnd && !saysEnd()) ? "" : text };
  });
  return () => said()?.text ?? "";
}
