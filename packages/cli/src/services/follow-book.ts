import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { BookView } from "@inkwire/core/books";
import {
  bookTopic,
  isInkwireError,
  isTerminalStatus,
  userTopic,
  type BookGenerationUpdate,
  type BookMessage,
  type Cursor,
} from "@inkwire/core/protocol";
import type { ProgressRenderer } from "../output/renderer.js";
import type { Session } from "./session.js";
import type { StopReason, Stopper } from "./stopper.js";

export interface FollowOptions {
  readonly session: Session;
  readonly renderer: ProgressRenderer;
  readonly stopper: Stopper;
  readonly bookId: number;
  /** The head of the bus before the job was put in line: everything since is shown. */
  readonly after: Cursor;
}

/** How long running steps may go on to reach a checkpoint after somebody asked to stop. */
export const GRACE_MS = 10_000;
// The last message may still be on its way when the job's end is known.
const LAST_MESSAGE_MS = 500;

/**
 * Feeds a renderer with all that happens to a book of this process, until its job has ended or `stopper` interrupted it.
 *
 * @returns the book as it is then.
 */
export async function followBook(options: FollowOptions): Promise<BookView> {
  const { session, renderer, stopper, bookId } = options;
  const { books, owner } = session;
  const reader = readMessages(options);
  let graceTimer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<"out of time">((resolve) => {
    stopper.onStop((reason) => {
      renderer.notice(stopNotice(reason, session));
      // Beyond the grace the state is safe all the same: a resume goes on from the last checkpoint.
      graceTimer = setTimeout(resolve, GRACE_MS + 2_000, "out of time");
      void books.close({ graceMs: GRACE_MS }).catch(() => undefined);
    });
  });
  try {
    const ended = await Promise.race([books.wait(owner, bookId), outOfTime]);
    if (ended === "out of time") return await books.get(owner, bookId);
    await Promise.race([reader.caughtUp(isTerminalStatus(ended.status)), outOfTime]);
    return ended;
  } finally {
    clearTimeout(graceTimer);
    reader.close();
  }
}

function stopNotice(reason: StopReason, { isRemote }: Session): string {
  if (isRemote) return "Leaving: the server goes on with the book";
  const again = reason === "SIGINT" ? "; Ctrl-C again to stop at once" : "";
  return `Stopping: saving what is written${again}`;
}

/** Only the outline's own step runs without one. */
function hasOutline({ current_step: step, progress }: BookGenerationUpdate): boolean {
  return step !== undefined && (step !== "outline" || progress > 0);
}

interface Reader {
  /** Resolves when every message that is there was shown, and with `terminal` also the last one of the job. */
  caughtUp(terminal: boolean): Promise<void>;
  close(): void;
}

function readMessages({ session, renderer, bookId, after }: FollowOptions): Reader {
  const { bus, books, owner } = session;
  const topics = [userTopic(owner), bookTopic(bookId)];
  const onGap = (): void => void readAgain();
  let subscription = bus.subscribe(topics, { after, onGap });
  let last = after;
  let busy = false;
  const closing = new AbortController();
  let outlined = false;
  let tellEnd = (): void => {};
  const sawEnd = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  void read();

  return {
    async caughtUp(terminal) {
      if (terminal) await Promise.race([sawEnd, sleep(LAST_MESSAGE_MS)]);
      // Quiet for some turns of the loop: what was published before has been delivered then.
      for (let quiet = 0; quiet < 5 && !closing.signal.aborted;) {
        await nextTurn();
        if (!busy) quiet += 1;
        else {
          quiet = 0;
          await sleep(5);
        }
      }
    },
    close() {
      closing.abort();
      subscription.close();
    },
  };

  async function read(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        for await (const message of subscription) {
          busy = true;
          last = message.id;
          await show(message);
          busy = false;
        }
        return;
      } catch (error) {
        busy = false;
        if (closing.signal.aborted || !isInkwireError(error, "slow_consumer")) return;
        // What was missed in between is read from the book itself.
        subscription = bus.subscribe(topics, { after: last, onGap });
        await readAgain();
      }
    }
  }

  async function show(message: BookMessage): Promise<void> {
    if ("book_id" in message.data && message.data.book_id !== bookId) return;
    const update = message.type === "book_generation_update" ? message.data : undefined;
    renderer.message(message);
    // The outline is not in the messages: it is read once it is there.
    if (!outlined && update !== undefined && hasOutline(update)) await readAgain();
    if (update !== undefined && isTerminalStatus(update.status)) tellEnd();
    await renderer.ready?.();
  }

  async function readAgain(): Promise<void> {
    const book = await books.get(owner, bookId).catch(() => undefined);
    if (book === undefined || book.chapters.length === 0) return;
    outlined = true;
    renderer.snapshot(book);
  }
}
