import type { BookFile, BookView } from "@inkwire/core/books";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { ProgressFlags } from "../commands/flags.js";
import { bookJson } from "../output/book-text.js";
import { errorData, formatError, tellError, type ToldError } from "../output/errors.js";
import { exitCodeOf, exitCodes } from "../output/exit-codes.js";
import { elapsedSeconds, writeJsonLine, type ResultData } from "../output/json.js";
import { displayPath } from "../output/paths.js";
import type { ProgressMode, ProgressRenderer } from "../output/renderer.js";
import { isDebug } from "../output/report.js";
import { sanitizeLine } from "../output/sanitize.js";
import type { Runtime } from "../runtime.js";
import type { DeliveryRecord } from "./delivery-record.js";
import { abandonDestination, saveFiles } from "./destination.js";
import type { Session } from "./session.js";

export interface ConcludeOptions {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly renderer: ProgressRenderer;
  readonly mode: ProgressMode;
  readonly flags: ProgressFlags;
  /** As it was when its job ended. */
  readonly book: BookView;
  readonly delivery: DeliveryRecord;
}

/**
 * The end of `create` and `resume`: saves the files of a complete book, leaves the screen tidy, and prints the result, the
 * path of the first format or with `--json` the last line.
 *
 * @returns the exit code.
 */
export async function concludeBook(options: ConcludeOptions): Promise<number> {
  const { runtime, session, renderer, mode, flags, book, delivery } = options;
  let files: readonly string[] = [];
  let trouble: ToldError | undefined;
  if (book.status === "completed") {
    try {
      files = await deliver(session, book, delivery);
    } catch (error) {
      const told = tellError(error, `${session.goOn(book)} saves them again`);
      const place = sanitizeLine(delivery.directory);
      const message = `The book is complete, but its files can't be saved in ${place}: ${told.message}`;
      trouble = { ...told, message };
    }
  } else {
    await abandonDestination(delivery);
  }
  const exitCode = await tellEnd({ runtime, session, renderer, mode, book, files, trouble });
  if (mode !== "json") {
    if (trouble !== undefined) runtime.stderr.write(formatError(trouble, isDebug(runtime)));
    const [main] = files.map((path) => displayPath(runtime, path));
    // The live view has just shown it; anywhere else it is the result that a script reads.
    const isShown = mode === "tty" && runtime.stdout.isTty;
    if (main !== undefined && !isShown) runtime.stdout.write(`${main}\n`);
  }
  if (flags.bell && runtime.stderr.isTty) runtime.stderr.write("\u0007");
  return exitCode;
}

/**
 * How a book stands when nobody follows it any more, on the screen or as the last line of `--json`.
 *
 * @returns the exit code.
 */
export async function tellEnd(
  end: Pick<ConcludeOptions, "runtime" | "session" | "renderer" | "mode" | "book"> & {
    readonly files: readonly string[];
    readonly trouble?: ToldError | undefined;
  },
): Promise<number> {
  const { runtime, session, renderer, mode, book, files, trouble } = end;
  const complete = book.status === "completed" && trouble === undefined;
  const resumeCommand = complete ? undefined : session.goOn(book);
  const elapsed = elapsedSeconds(runtime);
  const shown = files.map((path) => displayPath(runtime, path));
  await renderer.finish({ book, files: shown, resumeCommand, elapsedSeconds: elapsed });
  const exitCode = trouble?.exitCode ?? exitCodeFor(book);
  if (mode === "json") {
    const reason = book.error ?? book.paused;
    const error = trouble ?? (reason && tellError(reason));
    const data = resultData(book, files, elapsed, exitCode, resumeCommand, error);
    writeJsonLine(runtime.stdout, { type: "result", data });
  }
  return exitCode;
}

/** There is no book that the command could be about: no failure, and in `--json` a result as ever. */
export function tellNothing(runtime: Runtime, mode: ProgressMode, message: string): number {
  if (mode === "json") {
    const data = { files: [], elapsed_seconds: elapsedSeconds(runtime), exit_code: exitCodes.done };
    writeJsonLine(runtime.stdout, { type: "result", data });
  } else if (mode !== "none") runtime.stderr.write(`${message}\n`);
  return exitCodes.done;
}

/** What can still be said when a second signal ends the process: how to go on. */
export async function tellForcedEnd(end: {
  readonly runtime: Runtime;
  readonly session: Pick<Session, "goOn">;
  readonly mode: ProgressMode;
  readonly bookId: number;
  readonly exitCode: number;
}): Promise<void> {
  const { runtime, session, mode, bookId, exitCode } = end;
  const resume = session.goOn({ id: bookId, status: "processing", stopped: false });
  if (mode === "json") {
    const data: ResultData = {
      status: "interrupted",
      book_id: bookId,
      files: [],
      elapsed_seconds: elapsedSeconds(runtime),
      exit_code: exitCode,
      resume,
    };
    writeJsonLine(runtime.stdout, { type: "result", data });
  } else runtime.stderr.write(`Stopped. Go on with: ${resume}\n`);
  await runtime.stdout.flush();
}

async function deliver(
  session: Session,
  book: BookView,
  delivery: DeliveryRecord,
): Promise<readonly string[]> {
  const exported: BookFile[] = [];
  for (const format of delivery.formats) {
    exported.push(await session.books.export(session.owner, book.id, format));
  }
  const [only] = exported;
  const wanted =
    delivery.name === undefined || only === undefined
      ? [...exported, manifest(book, exported)]
      : [{ ...only, name: delivery.name }];
  const files = await saveFiles(delivery, wanted, delivery.files);
  await session.deliveries.set(book.id, { ...delivery, files });
  return files;
}

/** What the book is, for programs: beside its files, named as they are. */
function manifest(book: BookView, exported: readonly BookFile[]): BookFile {
  const stem = exported[0]?.name.replace(/\.[a-z]+$/, "") ?? `book-${book.id}`;
  const text = JSON.stringify({ inkwire: 1, ...bookJson(book) }, null, 2);
  return {
    name: `${stem}.json`,
    mediaType: "application/json",
    bytes: new TextEncoder().encode(`${text}\n`),
  };
}

function exitCodeFor({ status, error }: BookView): number {
  if (status === "completed") return exitCodes.done;
  if (status === "failed") return exitCodeOf(error?.code ?? "internal") || exitCodes.failed;
  return exitCodes.stopped;
}

/** What `--json` says last. */
export function resultData(
  book: BookView,
  files: readonly string[],
  elapsed: number,
  exitCode: number,
  resumeCommand: string | undefined,
  error: ToldError | undefined,
): ResultData {
  const { usage } = book;
  const { requests, inputTokens, outputTokens, usd, estimated } = book.ledger.total;
  return {
    status: isTerminalStatus(book.status) ? book.status : "interrupted",
    book_id: book.id,
    task_id: book.taskId,
    title: book.title,
    author: book.author.id,
    chapters: book.chapters.length,
    chapters_done: book.chapters.filter((chapter) => chapter.state === "done").length,
    words: book.words,
    ...(requests > 0
      ? { tokens: inputTokens + outputTokens, cost_usd: usd, estimated }
      : usage === undefined
        ? {}
        : { tokens: usage.inputTokens + usage.outputTokens }),
    files,
    elapsed_seconds: elapsed,
    exit_code: exitCode,
    ...(resumeCommand === undefined ? {} : { resume: resumeCommand }),
    ...(error === undefined ? {} : { error: errorData(error) }),
  };
}
