import type { StepCall } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { createChapterText } from "./chapter-text.js";
import type { Drafts } from "./drafts.js";
import type { BookPublisher } from "./publisher.js";
import { countWords, createTextCleaner } from "./text.js";
import type { Chapter } from "./types.js";

/** Far beyond any chapter that a person wants: it ends an author that never stops. In UTF-16 units. */
export const MAX_CHAPTER_LENGTH = 8_388_608;

export interface ChapterWriterOptions extends AuthorEvents {
  readonly publisher: BookPublisher;
  readonly drafts: Drafts;
  /** Told now and then how many words there are. */
  readonly onWords: (jobId: string, chapter: number, words: number) => void;
}

/**
 * Lets `author` write one chapter: its stream is cleaned, published live, drafted to disk and measured. What comes back is
 * exactly the text that was published, whole.
 *
 * An attempt begins at offset 0; readers drop what an earlier one left. The text counts as safe, and `done` is said, only
 * once its checkpoint is on disk: by whoever hears of that, not here.
 *
 * @throws InkwireError `output_invalid` (retryable) for a chapter without text or over {@link MAX_CHAPTER_LENGTH}, and
 *   whatever the author throws.
 */
export async function writeChapter(
  author: Author,
  task: ChapterTask,
  call: StepCall,
  options: ChapterWriterOptions,
): Promise<Chapter> {
  const { publisher, drafts, onWords } = options;
  const { number, title, words: target } = task.chapter;
  const cleaner = createTextCleaner();
  const counter = createWordCounter();
  const draft = drafts.open(task.bookId, number);
  const live = createChapterText({
    publisher,
    bookId: task.bookId,
    chapter: number,
    onPiece(piece) {
      const words = counter.add(piece);
      onWords(call.jobId, number, words);
      call.progress(Math.min(0.99, words / Math.max(1, target)));
    },
  });
  const pieces: string[] = [];
  let length = 0;
  let ended = false;
  let overrun: InkwireError | undefined;
  let dropped = false;

  const take = (piece: string): void => {
    if (piece === "") return;
    if (length + piece.length > MAX_CHAPTER_LENGTH) throw (overrun = tooLong(number));
    // The draft first: whoever reads it finds at least what was published.
    draft.append(length, piece);
    live.push(piece);
    pieces.push(piece);
    length += piece.length;
    if (pieces.length >= 1024) pieces.splice(0, pieces.length, pieces.join(""));
  };

  try {
    const write = (piece: string): void => {
      // An author that is deaf to its signal must not write into what another attempt does now.
      if (ended || call.signal.aborted) dropped = true;
      else take(cleaner.push(piece));
    };
    const { usage } = await author.chapter(task, makeAuthorCall(call, write, options));
    // One that came to its end before it could be stopped is whole, and paid for.
    if (dropped) call.signal.throwIfAborted();
    // Also where the author took the refusal for nothing.
    if (overrun !== undefined) throw overrun;
    take(cleaner.end());
    const text = pieces.join("");
    if (text.trim() === "") throw empty(number);
    return {
      number,
      title,
      text,
      words: countWords(text),
      ...(usage === undefined ? {} : { usage }),
    };
  } finally {
    ended = true;
    await live.close();
    await draft.close();
  }
}

interface WordCounter {
  /** Takes the next piece; gives back how many whole words there are so far. */
  add(piece: string): number;
}

/** Counts while text comes in, each character once: a word that is cut between two pieces waits for its end. */
function createWordCounter(): WordCounter {
  let words = 0;
  let rest = "";
  return {
    add(piece) {
      const text = rest + piece;
      const end = /\s\S*$/u.exec(text.slice(-4096))?.index;
      const cut =
        end === undefined
          ? text.length > 4096
            ? text.length
            : 0
          : Math.max(0, text.length - 4096) + end;
      words += countWords(text.slice(0, cut));
      rest = text.slice(cut);
      return words;
    },
  };
}

function tooLong(chapter: number): InkwireError {
  const message = `Chapter ${chapter} grew past ${MAX_CHAPTER_LENGTH.toLocaleString("en-US")} characters and was stopped`;
  return new InkwireError("output_invalid", message, { retryable: true });
}

function empty(chapter: number): InkwireError {
  return new InkwireError("output_invalid", `Chapter ${chapter} came back without any text`, {
    retryable: true,
  });
}
