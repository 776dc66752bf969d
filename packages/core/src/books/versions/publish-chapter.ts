import { bookTopic } from "../../protocol/index.js";
import type { BookPublisher } from "../publisher.js";
import type { Chapter } from "../types.js";

/** Below what a message may hold, so that the last unit can stay with its pair. */
const MAX_PIECE = 32_768;

/** Tells those who read a chapter its text anew, from its beginning. */
export function publishChapter(
  publisher: BookPublisher,
  bookId: number,
  { number, text }: Chapter,
): void {
  const tell = (offset: number, piece: string, done: boolean) =>
    void publisher.publish(bookTopic(bookId), "chapter_text", {
      book_id: bookId,
      chapter: number,
      offset,
      text: piece,
      done,
    });
  for (let offset = 0; offset < text.length;) {
    let end = Math.min(text.length, offset + MAX_PIECE);
    // A surrogate pair is never torn: each message is well-formed text of its own.
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    tell(offset, text.slice(offset, end), false);
    offset = end;
  }
  tell(text.length, "", true);
}
