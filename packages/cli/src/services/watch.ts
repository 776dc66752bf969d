import type { BookView } from "@inkwire/core/books";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { WatchFlags } from "../commands/watch.js";
import { exitCodes } from "../output/exit-codes.js";
import { writeJsonLine } from "../output/json.js";
import type { Runtime } from "../runtime.js";
import { tellEnd, tellForcedEnd, tellNothing } from "./conclude-book.js";
import { followBook } from "./follow-book.js";
import { connected, openClient, openRemoteSession } from "./remote/open-remote-session.js";
import { DEFAULT_SERVER, namedServer, parseServerUrl } from "./remote/server-address.js";
import { createRenderer, resolveMode } from "./renderer.js";
import type { Session } from "./session.js";
import { createStopper } from "./stopper.js";
import { createWarnings } from "./warnings.js";

/**
 * `inkwire watch`: shows a book of a server being written, until its end or until somebody has seen enough.
 *
 * @returns the exit code: that of the book, 3 when it goes on.
 */
export async function watchBook(
  runtime: Runtime,
  id: number | undefined,
  flags: WatchFlags,
): Promise<number> {
  const mode = resolveMode(runtime, flags);
  const warnings = createWarnings(runtime, mode);
  await using session = await openRemoteSession(runtime, flags, serverOf(runtime, flags), warnings);
  await session.connect();
  const after = session.bus.head();
  const found = await bookToWatch(session, id);
  if (found === undefined) return tellNothing(runtime, mode, "No book is being written there");
  const renderer = await createRenderer(runtime, mode, flags);
  warnings.through((text) => renderer.notice(text));
  const tidy = async (exitCode: number): Promise<void> => {
    await renderer.close();
    await tellForcedEnd({ runtime, session, mode, bookId: found.id, exitCode });
  };
  using stopper = createStopper({ runtime, tidy });
  if (mode === "json") runtime.stdout.onBroken(() => stopper.request("broken_pipe"));
  try {
    renderer.start({ title: found.title, bookId: found.id, author: found.author.label });
    renderer.snapshot(found);
    const book = isTerminalStatus(found.status)
      ? found
      : await followBook({ session, renderer, stopper, bookId: found.id, after });
    return await tellEnd({ runtime, session, renderer, mode, book, files: [] });
  } finally {
    await renderer.close();
  }
}

/** Every message as a line of JSON on stdout, until a signal or until nobody reads them any more. */
export async function watchAll(runtime: Runtime, flags: WatchFlags): Promise<number> {
  const url = serverOf(runtime, flags);
  const warnings = createWarnings(runtime);
  const client = await openClient(runtime, flags, url, (problem) => warnings.tell(problem));
  using stopper = createStopper({ runtime, tidy: async () => client.close() });
  const leaving = new AbortController();
  stopper.onStop(() => leaving.abort());
  runtime.stdout.onBroken(() => stopper.request("broken_pipe"));
  client.onGap(({ kind, topics }) => {
    runtime.stderr.write(`warning: messages of ${topics.join(", ")} are gone (${kind})\n`);
  });
  try {
    const messages = client.messages({ signal: leaving.signal });
    await connected(client, url);
    for await (const message of messages) {
      writeJsonLine(runtime.stdout, message);
      await runtime.stdout.drained();
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    client.close();
  }
  return exitCodes.done;
}

/** The server that was named, or the one that runs on this machine. */
export function serverOf(runtime: Runtime, flags: WatchFlags): URL {
  return namedServer(runtime, flags) ?? parseServerUrl(DEFAULT_SERVER);
}

async function bookToWatch(
  { books, owner }: Session,
  id: number | undefined,
): Promise<BookView | undefined> {
  if (id !== undefined) return books.get(owner, id);
  const running = (await books.list(owner)).findLast(
    ({ status, stopped }) => !isTerminalStatus(status) && !stopped,
  );
  return running && books.get(owner, running.id);
}
