import { createMemo, type Accessor } from "solid-js";
import type { BookView } from "./book-view.js";

/** What is worth to be said aloud of a book: its end, and each quarter of the way. Not what is so from the start. */
export function milestones(book: BookView): Accessor<string> {
  const said = createMemo<{ key: string; text: string } | undefined>((before) => {
    if (book.state() === undefined) return undefined;
    const quarter = Math.floor((book.percent() ?? 0) / 25);
    const key = `${book.taskId()} ${book.state()} ${quarter}`;
    if (key === before?.key) return before;
    const text = `${book.title()}: ${book.stateText()}, ${book.percentText(quarter * 25)}`;
    return { key, text: before === undefined ? "" : text };
  });
  return () => said()?.text ?? "";
}
