import type { StepCall } from "../pipeline/types.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, OutlineDraft } from "./authors/author.js";
import { createDraftAccount } from "./draft-account.js";
import type { DraftLog, Drafts } from "./drafts.js";
import { checkOutline } from "./outline.js";
import type { BookRequest, Outline } from "./types.js";
import { createWordCounter } from "./word-counter.js";

/** Where the draft of a book's outline lies among those of its chapters, which count from 1. */
export const OUTLINE_DRAFT = 0;

export interface PlanTask {
  readonly request: BookRequest;
  readonly bookId: number;
  /** What the outline rests on, as a hash: the draft of another one is dropped. */
  readonly ground: string;
}

export interface PlanOptions extends AuthorEvents {
  readonly drafts: Drafts;
  /** Told how many words the answer has so far. */
  readonly onPlanned?: ((jobId: string, words: number) => void) | undefined;
}

/** What a chapter takes in a plan, in UTF-16 units, about: for the progress only. */
const CHARS_PER_CHAPTER = 480;

/**
 * The author's outline, checked, with what it took over all attempts. Its answer is drafted to disk while it comes, so that
 * an attempt after a cut or a kill buys only what is missing.
 *
 * @throws InkwireError `output_invalid` (retryable) for one that is none, and whatever the author throws.
 */
export async function planOutline(
  author: Author,
  { request, bookId, ground }: PlanTask,
  call: StepCall,
  { drafts, onPlanned, ...events }: PlanOptions,
): Promise<Outline> {
  const left = await drafts.recall(bookId, OUTLINE_DRAFT, ground);
  const log = drafts.open(bookId, OUTLINE_DRAFT, ground);
  const account = createDraftAccount(log, events, left);
  try {
    const planned = await author.outline(
      request,
      makeAuthorCall(call, () => {}, account.events),
      author.notes?.forOutline(request),
      createOutlineDraft(log, left?.text ?? "", (text, words) => {
        onPlanned?.(call.jobId, words);
        call.progress(Math.min(0.99, text.length / (CHARS_PER_CHAPTER * request.chapters)));
      }),
    );
    const outline = checkOutline(planned, request);
    const { usage, repairs } = account;
    return {
      ...outline,
      ...(usage === undefined ? {} : { usage }),
      ...(repairs.length === 0 ? {} : { repairs: [...repairs] }),
    };
  } finally {
    await log.close();
  }
}

function createOutlineDraft(
  log: DraftLog,
  begun: string,
  onText: (text: string, words: number) => void,
): OutlineDraft {
  const counter = createWordCounter();
  counter.reset(begun);
  let text = begun;
  return {
    get text() {
      return text;
    },
    write(piece) {
      log.append(text.length, piece);
      text += piece;
      onText(text, counter.add(piece));
    },
    restart() {
      text = "";
      counter.reset("");
    },
  };
}
