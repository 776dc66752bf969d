import { setTimeout as sleep } from "node:timers/promises";
import type { BookView } from "@inkwire/core/books";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../commands/flags.js";
import type { Runtime } from "../runtime.js";
import { openSession } from "./session.js";

const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

/**
 * Asks for the end of a book, also one that another process writes, and waits a little until that process has ended it.
 *
 * @returns how the book stands then: `completed` or `failed` where there was nothing left to cancel but a chapter that was
 *   written anew.
 * @throws InkwireError `not_found`
 */
export async function cancelBook(
  runtime: Runtime,
  id: number,
  flags: GlobalFlags,
): Promise<Pick<BookView, "title" | "status">> {
  await using session = await openSession(runtime, flags);
  const { books, owner } = session;
  let book = await books.cancel(owner, id);
  const deadline = performance.now() + PATIENCE_MS;
  while (!isTerminalStatus(book.status) && performance.now() < deadline) {
    await sleep(LOOK_MS);
    book = await books.get(owner, id);
  }
  return book;
}
