import type { BookView } from "@inkwire/core/books";
import { InkwireError } from "@inkwire/core/protocol";
import type { ResumeFlags } from "../commands/resume.js";
import { commandLine } from "../output/command-line.js";
import { sayFirst } from "../output/first-line.js";
import type { Runtime } from "../runtime.js";
import { chooseBook, describeChoice } from "./choose-book.js";
import { concludeBook, tellNothing } from "./conclude-book.js";
import { checkFormats } from "./check-formats.js";
import { defaultFormats } from "./create-book.js";
import type { DeliveryRecord } from "./delivery-record.js";
import { prepareDestination, reopenDestination } from "./destination.js";
import { readNamedOutput } from "./named-output.js";
import { createRenderer, resolveMode } from "./renderer.js";
import { runBook } from "./run-book.js";
import { openSession, type Session } from "./session.js";
import { createWarnings } from "./warnings.js";

/**
 * `inkwire resume`: goes on with a book, or without `id` with the one that stopped last. A book that is complete but was
 * never saved, as its process was killed in between, is saved now.
 *
 * @returns the exit code.
 */
export async function resumeBook(
  runtime: Runtime,
  id: number | undefined,
  flags: ResumeFlags,
): Promise<number> {
  const mode = resolveMode(runtime, flags);
  const first = sayFirst(
    runtime,
    mode,
    id === undefined ? "Looking for a book to go on with …" : `Opening book ${id} …`,
  );
  try {
    const warnings = createWarnings(runtime, mode);
    await using session = await openSession(runtime, flags, warnings);
    const { book, others } = await chooseBook(session, id);
    first.clear();
    if (book === undefined) return tellNothing(runtime, mode, "There is no book to go on with");
    if (id === undefined && mode !== "json" && mode !== "none") {
      runtime.stderr.write(describeChoice(book, others, runtime.env));
    }
    assertIdle(book, runtime.env);
    const delivery = await deliveryOf(runtime, session, book, flags);
    const renderer = await createRenderer(runtime, mode, flags);
    const start = { title: book.title, bookId: book.id, author: book.author.label };
    if (book.status === "completed") {
      renderer.start(start);
      return await concludeBook({ runtime, session, renderer, mode, flags, book, delivery });
    }
    const begin = async () => {
      const resumed = await session.books.resume(session.owner, book.id, {
        maxCostUsd: flags.maxCost,
        maxTokens: flags.maxTokens,
      });
      await session.deliveries.set(book.id, delivery);
      renderer.start(start);
      renderer.snapshot(resumed);
      return book.id;
    };
    return await runBook({ runtime, session, renderer, mode, flags, warnings, delivery, begin });
  } finally {
    first.clear();
  }
}

function assertIdle(book: BookView, env: Runtime["env"]): void {
  const runs = !book.stopped && (book.status === "queued" || book.status === "processing");
  if (!runs) return;
  throw new InkwireError(
    "job_busy",
    `Book ${book.id} is being written by another process right now`,
    {
      hint: `wait for it, or stop it with: ${commandLine(env, `cancel ${book.id}`)}`,
    },
  );
}

/** As it was when the book was created, but for what the flags say now. */
async function deliveryOf(
  runtime: Runtime,
  session: Session,
  book: BookView,
  flags: ResumeFlags,
): Promise<DeliveryRecord> {
  const known = await session.deliveries.get(book.id);
  const { out, name, ...now } = await readNamedOutput(runtime.cwd, flags, known?.files);
  const formats = now.formats ?? known?.formats ?? defaultFormats;
  await checkFormats(formats);
  if (known === undefined || out !== undefined) {
    const destination = await prepareDestination(runtime.cwd, out, book.title);
    return { ...destination, name, formats, files: name === undefined ? [] : (known?.files ?? []) };
  }
  await reopenDestination(known);
  // A file that was named in one format is not what another one is saved as.
  const isSame = flags.format?.every((format) => known.formats.includes(format)) ?? true;
  return { ...known, name: isSame ? known.name : undefined, formats };
}
