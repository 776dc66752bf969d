import type { Bus } from "../bus/types.js";
import {
  isInkwireError,
  isTerminalStatus,
  type BookGenerationUpdate,
  type BookMessage,
  type BookMessages,
  type BookStatus,
  type Topic,
  type WireError,
} from "../protocol/index.js";
import type { Home } from "../storage/types.js";
import { createBookWatches, type BookWatch } from "./book-watches.js";
import type { NewNotification } from "./notification.js";
import type { Notifier } from "./notifier.js";

export interface BookNotificationsOptions {
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  readonly home: Home;
  readonly notifier: Pick<Notifier, "inbox" | "bookCompleted">;
  /** Where a click on the notification leads. @default `/books/<id>` */
  readonly bookUrl?: ((bookId: number) => string) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Told what could not be stored; it is tried again by `recover`. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}

/** What is asked of a book after a restart: its view has all of it. */
export interface BookState {
  readonly status: BookStatus;
  readonly title: string;
  readonly words: number;
  readonly error?: WireError | undefined;
}

/**
 * The one place that tells owners how their books ended: in the inbox, and as badges.
 *
 * ```ts
 * const endings = createBookNotifications({ bus, home, notifier });
 * const books = createBooks({ home, bus: endings.bus, notifications: false, authors });
 * await endings.recover((userId, bookId) => books.get(userId, bookId));
 * ```
 */
export interface BookNotifications {
  /** What the books publish on: the bus itself, with somebody who reads along. Nothing on it waits for the inbox. */
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  /**
   * Tells the ends that no process lived to tell. To be called once at the start; safe while books are written, here and
   * elsewhere. Gives back how many were told.
   *
   * @param find - the book now; `undefined` or `not_found` when there is none any more.
   */
  recover(
    find: (userId: string, bookId: number) => Promise<BookState | undefined>,
  ): Promise<number>;
  /** Resolves when all that was published so far is stored. Call it after the books are closed. */
  settled(): Promise<void>;
}

/** Tells the inbox how books end, once each, even where the process that wrote one died before it could. */
export function createBookNotifications(options: BookNotificationsOptions): BookNotifications {
  const { bus, home, notifier, now = Date.now } = options;
  const { bookUrl = (bookId: number) => `/books/${bookId}`, onProblem = () => {} } = options;
  const watches = createBookWatches(home, onProblem);
  /** Books whose watch is on disk or on its way there: most of a book's many updates end here. */
  const begun = new Set<number>();
  /** What is still being stored, by book and in order. */
  const lines = new Map<number, Promise<void>>();

  const enqueue = async (bookId: number, work: () => Promise<void>): Promise<void> => {
    const line = (lines.get(bookId) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      // It was not stored, so the next update begins anew.
      begun.delete(bookId);
      onProblem(error);
    });
    lines.set(bookId, line);
    await line;
    if (lines.get(bookId) === line) lines.delete(bookId);
  };

  const tell = async (watch: BookWatch, ending: Ending): Promise<void> => {
    const { userId, bookId } = watch;
    // Each step may be done twice and counts once, so that after a crash all are simply done again.
    await notifier.inbox.add(userId, describeEnding(watch, ending, bookUrl(bookId)));
    if (ending.status === "completed") {
      await notifier.bookCompleted(userId, { bookId, words: ending.words });
    }
    await watches.end(bookId);
  };

  const follow = (userId: string, update: BookGenerationUpdate): void => {
    const { book_id: bookId, status } = update;
    const watch = { userId, bookId, startedAtMs: now() };
    if (!isTerminalStatus(status)) {
      if (begun.has(bookId)) return;
      begun.add(bookId);
      void enqueue(bookId, async () => void (await watches.begin(watch)));
      return;
    }
    begun.delete(bookId);
    void enqueue(bookId, async () => {
      if (status === "cancelled") return watches.end(bookId);
      await tell((await watches.get(bookId)) ?? watch, endingOf(update));
    });
  };

  return {
    bus: {
      async publish(topic, type, data) {
        const message = await bus.publish(topic, type, data);
        // The union of all messages narrows, the generic one does not.
        const { type: published, data: told } = message as BookMessage;
        const userId = userOf(topic);
        if (published === "book_generation_update" && userId !== undefined) follow(userId, told);
        return message;
      },
    },

    async recover(find) {
      let told = 0;
      for (const { userId, bookId } of await watches.list()) {
        await enqueue(bookId, async () => {
          // Read again in its turn: the book may have ended, and been told, meanwhile.
          const watch = await watches.get(bookId);
          if (watch === undefined) return;
          const state = await findOrNone(find, userId, bookId);
          if (state === undefined || state.status === "cancelled") return watches.end(bookId);
          if (!isTerminalStatus(state.status)) return;
          await tell(watch, {
            status: state.status === "completed" ? "completed" : "failed",
            title: state.title,
            words: state.words,
            reason: state.error?.message ?? "",
          });
          told += 1;
        });
      }
      return told;
    },

    async settled() {
      while (lines.size > 0) await Promise.all(lines.values());
    },
  };
}

interface Ending {
  readonly status: "completed" | "failed";
  readonly title: string;
  readonly words: number;
  readonly reason: string;
}

function endingOf(update: BookGenerationUpdate): Ending {
  return {
    status: update.status === "completed" ? "completed" : "failed",
    title: update.book_title ?? "",
    words: update.words ?? 0,
    reason: update.message,
  };
}

function describeEnding(watch: BookWatch, ending: Ending, actionUrl: string): NewNotification {
  const { status, title, words, reason } = ending;
  const name = title === "" ? `Book ${watch.bookId}` : `“${title}”`;
  const common = {
    // One for each run of the book: whoever tells of its end, and how often, it is one notification.
    id: `book-${watch.bookId}-${watch.startedAtMs.toString(36)}-${status}`,
    kind: "book",
    actionUrl,
  } as const;
  if (status === "completed") {
    const size = words === 0 ? "" : `: ${words.toLocaleString("en-US")} words`;
    return {
      ...common,
      type: "success",
      title: "Your book is ready",
      message: `${name} is complete${size}.`,
    };
  }
  const message = reason === "" ? `${name} could not be finished.` : `${name}: ${reason}`;
  return { ...common, type: "error", title: "Your book stopped", message };
}

function userOf(topic: Topic): string | undefined {
  return topic.startsWith("user/") ? topic.slice("user/".length) : undefined;
}

async function findOrNone(
  find: (userId: string, bookId: number) => Promise<BookState | undefined>,
  userId: string,
  bookId: number,
): Promise<BookState | undefined> {
  try {
    return await find(userId, bookId);
  } catch (error) {
    if (isInkwireError(error, "not_found")) return undefined;
    throw error;
  }
}
