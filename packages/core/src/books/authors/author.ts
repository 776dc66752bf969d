import type { BookRequest, Outline, OutlineChapter, Usage } from "../types.js";

/** What a call of an author gets along: where text goes, and when to stop. */
export interface AuthorCall {
  /** Aborts on cancel and shutdown; an author passes it down to its socket and rejects soon after. */
  readonly signal: AbortSignal;
  /** The next piece of the chapter's Markdown, in order, as it is written. Empty pieces are ignored. */
  readonly write: (text: string) => void;
}

/** What an author needs to write one chapter. */
export interface ChapterTask {
  readonly request: BookRequest;
  readonly outline: Outline;
  readonly chapter: OutlineChapter;
  readonly bookId: number;
}

/** How a chapter came to its end; its text is all that went through `write`. */
export interface ChapterResult {
  readonly usage?: Usage | undefined;
}

/**
 * What writes text: a model provider, the offline planner, the user's own Markdown. Made anew for each job, and lazily:
 * its library is loaded by its first call. It retries nothing itself: it throws an InkwireError whose `retryable` and
 * `retryAfterMs` tell the pipeline what to do.
 */
export interface Author {
  /** As in {@link BookRequest.author}. */
  readonly id: string;
  /** For people, such as "planned offline, no language model was used". */
  readonly label: string;
  /** How many chapters it writes at once. */
  readonly concurrency: number;
  /** How many chapters it makes, where the request can't choose: those of the user's own text. */
  readonly chapters?: number | undefined;
  /** Printed in the book itself; absent where the text is a model's or the user's own. */
  readonly notice?: string | undefined;
  /** The outline, with exactly `request.chapters` chapters: `chapters` of them where it has its own number. */
  outline(request: BookRequest, call: AuthorCall): Promise<Outline>;
  /** Streams one chapter through `call.write`; resolves only if it came to a proper end. */
  chapter(task: ChapterTask, call: AuthorCall): Promise<ChapterResult>;
}
