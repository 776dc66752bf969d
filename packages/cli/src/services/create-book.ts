import type { CreateFlags } from "../commands/create.js";
import type { BookFormat } from "../commands/flags.js";
import { exitCodes } from "../output/exit-codes.js";
import { sayFirst } from "../output/first-line.js";
import type { Runtime } from "../runtime.js";

/** What is saved where nothing else was asked for: one file to read, one to work on. */
export const defaultFormats: readonly BookFormat[] = ["epub", "markdown"];

/**
 * `inkwire create`: from the flags to the files. The request, the author and the place for the files are checked before
 * anything is spent.
 *
 * @returns the exit code.
 */
export async function createBook(
  runtime: Runtime,
  title: string,
  flags: CreateFlags,
): Promise<number> {
  const { createRenderer, resolveMode } = await import("./renderer.js");
  const mode = resolveMode(runtime, flags);
  const first = sayFirst(runtime, mode, `Writing "${title}" …`);
  try {
    return await write();
  } finally {
    first.clear();
  }

  async function write(): Promise<number> {
    // Only now what takes time to load: the first line is on the screen.
    const { openSession } = await import("./session.js");
    const { prepareRemoteRequest, prepareRequest } = await import("./prepare-request.js");
    const { namedServer } = await import("./remote/server-address.js");
    const { abandonDestination, prepareDestination } = await import("./destination.js");
    const { createWarnings } = await import("./warnings.js");
    const { runBook } = await import("./run-book.js");
    const { approveSpending } = await import("./approve-spending.js");

    const { checkFormats } = await import("./check-formats.js");

    const { readNamedOutput } = await import("./named-output.js");

    const { out, name, formats } = await readNamedOutput(runtime.cwd, flags);
    await checkFormats(formats);
    const { request, source, authorLine } =
      namedServer(runtime, flags) === undefined
        ? await prepareRequest(runtime, title, flags)
        : prepareRemoteRequest(title, flags);
    const warnings = createWarnings(runtime, mode);
    await using session = await openSession(runtime, flags, warnings);
    first.clear();
    // A server spends by its own rules, and within the limits that it is given.
    const estimate = await session.books.estimate?.(request, { source });
    const yes = flags.yes === true;
    const isApproved =
      estimate === undefined || (await approveSpending(runtime, { mode, yes, request, estimate }));
    if (!isApproved) {
      runtime.stderr.write("Nothing was written\n");
      return exitCodes.failed;
    }
    const destination = await prepareDestination(runtime.cwd, out, request.title);
    const delivery = { ...destination, name, formats: formats ?? defaultFormats, files: [] };
    const renderer = await createRenderer(runtime, mode, flags);
    return await runBook({
      runtime,
      session,
      renderer,
      mode,
      flags,
      warnings,
      delivery,
      begin: async () => {
        try {
          const { bookId } = await session.books.create(session.owner, request, { source });
          await session.deliveries.set(bookId, delivery);
          first.clear();
          renderer.start({ title: request.title, bookId, author: authorLine });
          return bookId;
        } catch (error) {
          await abandonDestination(destination);
          throw error;
        }
      },
    });
  }
}
