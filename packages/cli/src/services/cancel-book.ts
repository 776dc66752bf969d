import { setTimeout as sleep } from "node:timers/promises";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../commands/flags.js";
import type { Runtime } from "../runtime.js";
import { openSession } from "./session.js";

const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

/**
 * Asks for the end of a book, also one that another process writes, and waits a little until that process has ended it.
 *
 * @throws InkwireError `not_found`; `job_finished` for a book that is complete.
 */
export async function cancelBook(
  runtime: Runtime,
  id: number,
  flags: GlobalFlags,
): Promise<{ readonly title: string; readonly ended: boolean }> {
  await using session = await openSession(runtime, flags);
  const { books, owner } = session;
  let book = await books.cancel(owner, id);
  const deadline = performance.now() + PATIENCE_MS;
  while (!isTerminalStatus(book.status) && performance.now() < deadline) {
    await sleep(LOOK_MS);
    book = await books.get(owner, id);
  }
  return { title: book.title, ended: isTerminalStatus(book.status) };
}
