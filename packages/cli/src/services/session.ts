import { setTimeout as sleep } from "node:timers/promises";
import { createBus, openHome } from "@inkwire/core";
import { createBooks, type Books, type BookView } from "@inkwire/core/books";
import { bookMessages, type BookMessage, type Cursor, type Topic } from "@inkwire/core/protocol";
import { resumeLine } from "../output/resume-line.js";
import type { Runtime } from "../runtime.js";
import { createWarnings, type Warnings } from "./warnings.js";
import { openAuthors, openPrices } from "./authors.js";
import { createDeliveryRecords, type DeliveryRecords } from "./delivery-record.js";
import { homeDirectory } from "./home-directory.js";
import { namedServer, type ServerFlags } from "./remote/server-address.js";

/** A task that hears no abort signal may take longer to end than anybody waits. */
const CLOSE_MS = 2_000;

/** What commands do with books, wherever those are. */
export type SessionBooks = Pick<
  Books,
  | "create"
  | "get"
  | "list"
  | "chapter"
  | "cancel"
  | "pause"
  | "resume"
  | "remove"
  | "export"
  | "wait"
  | "close"
  | "versions"
> &
  // What it will cost is told only where the author is at hand.
  Partial<Pick<Books, "estimate">>;

/** Messages of books, wherever those are. */
export interface SessionBus {
  /** From here on nothing is missed by a subscription that is made later. */
  head(): Cursor;
  /**
   * @param options.onGap - called when messages are gone for good: what they said is read from the book.
   * @throws InkwireError `slow_consumer` from the iterator, for a reader that fell too far behind.
   */
  subscribe(
    topics: readonly Topic[],
    options: { readonly after: Cursor; readonly onGap: () => void },
  ): AsyncIterable<BookMessage> & { close(): void };
}

/** Everything that one command works with, open until it is disposed. */
export interface Session extends AsyncDisposable {
  readonly bus: SessionBus;
  readonly books: SessionBooks;
  readonly deliveries: DeliveryRecords;
  /** Whose books these are: the command line has one user. */
  readonly owner: string;
  /** The books are a server's, which goes on with them whether anybody looks or not. */
  readonly isRemote: boolean;
  /** Resolves once messages arrive; before that nothing may be begun that is to be followed. */
  connect(): Promise<void>;
  /** The command that goes on with a book, or on looking at it. */
  goOn(
    book: Pick<BookView, "id" | "status" | "stopped"> &
      Partial<Pick<BookView, "paused" | "ledger">>,
  ): string;
}

/**
 * Opens the server that a flag or the environment names, else the home of this machine.
 *
 * @throws InkwireError what {@link openLocalSession} throws; `token_missing`, `invalid_option` of a server's address.
 */
export async function openSession(
  runtime: Runtime,
  flags: ServerFlags,
  warnings: Warnings = createWarnings(runtime),
): Promise<Session> {
  const server = namedServer(runtime, flags);
  if (server === undefined) return openLocalSession(runtime, flags, warnings);
  const { openRemoteSession } = await import("./remote/open-remote-session.js");
  return openRemoteSession(runtime, flags, server, warnings);
}

/**
 * Opens the home that the flags or the environment name; other processes may have it open too.
 *
 * @throws InkwireError `home_newer`, `record_damaged`, `storage_failed`, `disk_full`.
 */
export async function openLocalSession(
  runtime: Runtime,
  flags: { readonly home?: string },
  warnings: Warnings = createWarnings(runtime),
): Promise<Session> {
  const home = await openHome(homeDirectory(runtime, flags));
  const bus = createBus({ messages: bookMessages });
  const books = createBooks({
    home,
    bus,
    authors: openAuthors(runtime),
    prices: openPrices(runtime),
    coherence: runtime.env["INKWIRE_COHERENCE"] !== "off",
    onProblem: (problem) => warnings.tell(problem),
  });
  return {
    bus: {
      head: () => bus.head(),
      subscribe: (topics, { after }) => bus.subscribe(topics, { after }),
    },
    books,
    deliveries: createDeliveryRecords(home.storage),
    owner: "local",
    isRemote: false,
    connect: async () => {},
    goOn: (book) => resumeLine(runtime.env, book),
    async [Symbol.asyncDispose]() {
      // What is on disk is whole at every moment: nothing here is worth keeping a terminal waiting.
      await Promise.race([close(), sleep(CLOSE_MS)]);
    },
  };

  async function close(): Promise<void> {
    await books.close({ graceMs: 0 });
    await bus.close();
    await home.close();
  }
}
