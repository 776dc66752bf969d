import { setTimeout as sleep } from "node:timers/promises";
import { createBus, openHome, type Bus } from "@inkwire/core";
import { createBooks, type Books } from "@inkwire/core/books";
import { bookMessages, type BookMessages } from "@inkwire/core/protocol";
import type { Runtime } from "../runtime.js";
import { createWarnings, type Warnings } from "./warnings.js";
import { openAuthors, openPrices } from "./authors.js";
import { createDeliveryRecords, type DeliveryRecords } from "./delivery-record.js";
import { homeDirectory } from "./home-directory.js";

/** A task that hears no abort signal may take longer to end than anybody waits. */
const CLOSE_MS = 2_000;

/** Everything that one command works with, open until it is disposed. */
export interface Session extends AsyncDisposable {
  readonly bus: Bus<BookMessages>;
  readonly books: Books;
  readonly deliveries: DeliveryRecords;
  /** Whose books these are: the command line has one user. */
  readonly owner: string;
}

/**
 * Opens the home that the flags or the environment name; other processes may have it open too.
 *
 * @throws InkwireError `home_newer`, `record_damaged`, `storage_failed`, `disk_full`.
 */
export async function openSession(
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
    bus,
    books,
    deliveries: createDeliveryRecords(home.storage),
    owner: "local",
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
