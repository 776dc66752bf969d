import type { BookFile, BookView } from "@inkwire/core/books";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { ProgressFlags } from "../commands/flags.js";
import { bookJson } from "../output/book-text.js";
import { errorData, formatError, tellError, type ToldError } from "../output/errors.js";
import { exitCodeOf, exitCodes } from "../output/exit-codes.js";
import { writeJsonLine, type ResultData } from "../output/json.js";
import { displayPath } from "../output/paths.js";
import type { ProgressMode, ProgressRenderer } from "../output/renderer.js";
import { isDebug } from "../output/report.js";
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
      trouble = tellError(error, `the book is safe: inkwire resume ${book.id} saves it again`);
    }
  } else {
    await abandonDestination(delivery);
  }
  const complete = book.status === "completed" && trouble === undefined;
  const resumeCommand = complete ? undefined : `inkwire resume ${book.id}`;
  const elapsedSeconds = (performance.now() - runtime.startedAtMs) / 1000;
  const shown = files.map((path) => displayPath(runtime, path));
  await renderer.finish({ book, files: shown, resumeCommand, elapsedSeconds });
  const exitCode = trouble?.exitCode ?? exitCodeFor(book);
  if (mode === "json") {
    const error = trouble ?? (book.error && tellError(book.error));
    writeJsonLine(runtime.stdout, {
      type: "result",
      data: result(book, files, elapsedSeconds, exitCode, resumeCommand, error),
    });
  } else {
    if (trouble !== undefined) runtime.stderr.write(formatError(trouble, isDebug(runtime)));
    const [main] = shown;
    if (main !== undefined) runtime.stdout.write(`${main}\n`);
  }
  if (flags.bell && runtime.stderr.isTty) runtime.stderr.write("\u0007");
  return exitCode;
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
  const files = await saveFiles(delivery, [...exported, manifest(book, exported)], delivery.files);
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

function result(
  book: BookView,
  files: readonly string[],
  elapsedSeconds: number,
  exitCode: number,
  resumeCommand: string | undefined,
  error: ToldError | undefined,
): ResultData {
  const { usage } = book;
  return {
    status: isTerminalStatus(book.status) ? book.status : "interrupted",
    book_id: book.id,
    task_id: book.taskId,
    title: book.title,
    author: book.author.id,
    chapters: book.chapters.length,
    chapters_done: book.chapters.filter((chapter) => chapter.state === "done").length,
    words: book.words,
    ...(usage === undefined ? {} : { tokens: usage.inputTokens + usage.outputTokens }),
    files,
    elapsed_seconds: Math.round(elapsedSeconds * 1000) / 1000,
    exit_code: exitCode,
    ...(resumeCommand === undefined ? {} : { resume: resumeCommand }),
    ...(error === undefined ? {} : { error: errorData(error) }),
  };
}
