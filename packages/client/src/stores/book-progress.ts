import type { BookDeleted, BookGenerationUpdate } from "@inkwire/core/protocol";
import { advance, parseBook } from "./book-state.js";
import {
  createReplica,
  isOwnTopic,
  type ReadOptions,
  type ReadState,
  type ReadStore,
  type StoreClient,
} from "./replica.js";

export interface BookProgress extends ReadState {
  /**
   * The newest. `progress` never goes back within a task; a new `task_id` starts over. One that comes from the server's
   * state and not from a message has only what that knows; its `message` is the last one that was heard, or empty.
   */
  readonly update: BookGenerationUpdate | undefined;
  /** It has come to an end that only a new run changes. */
  readonly isDone: boolean;
  /** Not ended, yet nobody works on it: a resume goes on. */
  readonly isStopped: boolean;
}

// Not `isTerminalStatus`: it would bring the schemas of all messages into the bundle.
const ENDS: ReadonlySet<BookGenerationUpdate["status"]> = new Set([
  "completed",
  "failed",
  "cancelled",
]);

/** How far a book is: each message, and the state of the server wherever a message may be missing. */
export function createBookProgress(
  client: StoreClient,
  bookId: number,
  options?: ReadOptions,
): ReadStore<BookProgress> {
  const to = (
    state: BookProgress,
    update: BookGenerationUpdate,
    isStopped: boolean,
  ): BookProgress => ({
    ...state,
    update: advance(state.update, update),
    isDone: ENDS.has(update.status),
    isStopped,
  });
  return createReplica<BookProgress>(client, {
    ...options,
    path: () => `api/books/${bookId}`,
    types: ["book_generation_update", "book_deleted"],
    concerns: isOwnTopic,
    initial: { update: undefined, isDone: false, isStopped: false },
    take(state, answer) {
      const { task_id, status, progress, title, words, stopped, error } = parseBook(answer);
      const { update: before } = state;
      const isSame = before?.task_id === task_id && before.status === status;
      const update: BookGenerationUpdate = {
        message: "",
        ...(isSame && before),
        book_id: bookId,
        task_id,
        status,
        progress,
        book_title: title,
        words,
        ...(error !== undefined && { error }),
      };
      return to(state, update, stopped);
    },
    apply(state, { type, data }) {
      const update = data as BookGenerationUpdate | BookDeleted;
      if (update.book_id !== bookId) return state;
      // Reading it says the rest: `not_found`.
      return type === "book_deleted" ? undefined : to(state, update as BookGenerationUpdate, false);
    },
  });
}
