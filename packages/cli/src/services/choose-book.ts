import type { BookView } from "@inkwire/core/books";
import { commandLine } from "../output/command-line.js";
import { sanitizeLine } from "../output/sanitize.js";
import { plural } from "../output/words.js";
import type { Runtime } from "../runtime.js";
import type { Session } from "./session.js";

/** Which book a `resume` is about. */
export interface BookChoice {
  /** `undefined` where there is none to go on with. */
  readonly book: BookView | undefined;
  /** What else could go on, the newest first; empty where the book was named. */
  readonly others: readonly BookView[];
}

/** The book of that number; without one the book that stopped last. @throws InkwireError `not_found` */
export async function chooseBook(session: Session, id: number | undefined): Promise<BookChoice> {
  const { books, owner } = session;
  if (id !== undefined) return { book: await books.get(owner, id), others: [] };
  const waiting: BookView[] = [];
  for (const book of await books.list(owner)) {
    if (await isWaiting(session, book)) waiting.push(book);
  }
  waiting.sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || b.id - a.id);
  const [book, ...others] = waiting;
  return { book, others };
}

/**
 * Whether a book waits for somebody to go on. One that was cancelled does not: it goes on only when it is named. One that is
 * complete does where its process was killed before it had saved the files.
 */
async function isWaiting(session: Session, book: BookView): Promise<boolean> {
  if (book.status !== "completed") return book.stopped || book.status === "failed";
  const delivery = await session.deliveries.get(book.id);
  return delivery !== undefined && delivery.files.length === 0;
}

const MAX_NAMED = 5;

/** Says which book goes on, and how to go on with the others. */
export function describeChoice(
  book: BookView,
  others: readonly BookView[],
  env: Runtime["env"],
): string {
  const done = book.chapters.filter((chapter) => chapter.state === "done").length;
  const so =
    book.chapters.length === 0
      ? ""
      : ` (${done} of ${plural(book.chapters.length, "chapter")} written)`;
  const title = sanitizeLine(book.title, 80);
  const more = others
    .slice(0, MAX_NAMED)
    .map((other) => commandLine(env, `resume ${other.id}`))
    .join(", ");
  const rest =
    others.length === 0
      ? ""
      : `${plural(others.length, "more book")} can go on: ${more}${others.length > MAX_NAMED ? ", …" : ""}\n`;
  return `${rest}Going on with book ${book.id}, "${title}"${so}\n`;
}
