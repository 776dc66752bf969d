import type { StepCall } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import type { AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { noteFacts } from "./chapter-facts.js";
import { lengthLimit } from "./chapter-judge.js";
import { createChapterPage } from "./chapter-page.js";
import { writeParts, type Overrun } from "./chapter-parts.js";
import { reviewChapter } from "./chapter-review.js";
import { createChapterText } from "./chapter-text.js";
import { createDraftAccount } from "./draft-account.js";
import { wholePart } from "./draft-cut.js";
import type { DraftState } from "./draft-lines.js";
import type { Drafts } from "./drafts.js";
import type { BookPublisher } from "./publisher.js";
import { countWords } from "./text.js";
import type { Chapter } from "./types.js";
import { createWordCounter } from "./word-counter.js";

/** Far beyond any chapter that a person wants: it ends an author that never stops. In UTF-16 units. */
export const MAX_CHAPTER_LENGTH = 8_388_608;

export interface ChapterWriterOptions extends AuthorEvents {
  readonly publisher: BookPublisher;
  readonly drafts: Drafts;
  /** Told now and then how many words there are. */
  readonly onWords: (jobId: string, chapter: number, words: number) => void;
}

/**
 * Lets `author` write one chapter: its stream is cleaned, published live, drafted to disk, measured, and judged. What comes
 * back is exactly the text that was published, whole.
 *
 * An attempt of an author that `continues` goes on after the last whole paragraph that a draft of the same `ground` has, at
 * the same offset; that of another begins at 0. Either way readers drop what an earlier one left beyond it. The text counts
 * as safe, and `done` is said, only once its checkpoint is on disk: by whoever hears of that, not here.
 *
 * Then the guards read it, and its author notes what it settles: see {@link reviewChapter} and {@link noteFacts}.
 *
 * @param ground - what the chapter rests on, as a hash. Without it each attempt begins anew.
 * @param earlier - texts of chapters before it, for the guards.
 * @throws InkwireError `output_invalid` (retryable) for a chapter without text or over its length, `output_truncated`
 *   (retryable) for one that is not brought to its end, and whatever the author throws.
 */
export async function writeChapter(
  author: Author,
  given: ChapterTask,
  call: StepCall,
  options: ChapterWriterOptions,
  ground?: string,
  earlier: readonly string[] = [],
): Promise<Chapter> {
  const { publisher, drafts, onWords } = options;
  const { bookId, chapter } = given;
  // Not a part of the ground: a book's source never changes, and a better choice of passages is no reason to pay again.
  const notes = author.notes?.forChapter(chapter) ?? [];
  const task: ChapterTask = notes.length === 0 ? given : { ...given, notes };
  const { number, title, words: target } = chapter;
  const left = ground === undefined ? undefined : await drafts.recall(bookId, number, ground);
  const draft = drafts.open(bookId, number, ground);
  const account = createDraftAccount(draft, options, left);
  const soFar = keptOf(left, author);

  const counter = createWordCounter();
  let counted = -1;
  const live = createChapterText({
    publisher,
    bookId,
    chapter: number,
    offset: soFar.length,
    onPiece(piece, offset) {
      if (offset !== counted) counter.reset(page.text.slice(0, offset));
      counted = offset + piece.length;
      const words = counter.add(piece);
      onWords(call.jobId, number, words);
      call.progress(Math.min(0.99, words / Math.max(1, target)));
    },
  });
  const overrun = createOverrun(
    number,
    author.continues ? lengthLimit(target) : MAX_CHAPTER_LENGTH,
  );
  const page = createChapterPage({
    soFar,
    draft,
    live,
    onLength: (length) => overrun.check(length),
  });

  try {
    if (left?.ended !== true) {
      if (soFar !== "") {
        const message = `it goes on after the ${countWords(soFar).toLocaleString("en-US")} words that are kept`;
        const { jobId, step } = call;
        account.events.onRepair?.({ jobId, step }, { kind: "resumed", message });
      }
      await writeParts({ author, task, call, page, events: account.events, overrun });
    }
    if (page.text.trim() === "") throw empty(number);
    // What comes now is for nothing if the text has to be written again.
    draft.note({ ended: true });
    if (left?.reviewed !== true && author.mend !== undefined) {
      await reviewChapter({ author, task, call, page, events: account.events, earlier });
      draft.note({ ended: true });
      draft.note({ reviewed: true });
    }
    const { text } = page;
    const facts = await noteFacts(author, task, text, call, account.events, {
      before: ground === undefined ? call.attempt - 1 : (left?.unsettled ?? 0),
      onFailure: () => draft.note({ unsettled: true }),
    });
    const { usage, repairs } = account;
    return {
      number,
      title,
      text,
      words: countWords(text),
      ...(usage === undefined ? {} : { usage }),
      ...(repairs.length === 0 ? {} : { repairs }),
      ...(facts === undefined ? {} : { facts }),
    };
  } finally {
    await live.close();
    await draft.close();
  }
}

/** What of an earlier attempt's text stays. All of it, where only its checkpoint was missing. */
function keptOf(left: DraftState | undefined, author: Author): string {
  if (left === undefined) return "";
  if (left.ended) return left.text;
  return author.continues ? wholePart(left.text) : "";
}

function createOverrun(chapter: number, limit: number): Overrun & { check(length: number): void } {
  let max = limit;
  let error: InkwireError | undefined;
  return {
    get error() {
      return error;
    },
    check(length) {
      if (length <= max) return;
      const message = `Chapter ${chapter} grew past ${max.toLocaleString("en-US")} characters and was stopped`;
      throw (error = new InkwireError("output_invalid", message, { retryable: true }));
    },
    extend() {
      error = undefined;
      max = Math.ceil(limit * 1.25);
    },
  };
}

function empty(chapter: number): InkwireError {
  return new InkwireError("output_invalid", `Chapter ${chapter} came back without any text`, {
    retryable: true,
  });
}
