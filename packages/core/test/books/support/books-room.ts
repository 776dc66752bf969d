import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBus } from "../../../src/bus/bus.js";
import type { Bus } from "../../../src/bus/types.js";
import type { Author } from "../../../src/books/authors/author.js";
import type { Books } from "../../../src/books/service-types.js";
import { createBooks } from "../../../src/books/service.js";
import type { BooksOptions } from "../../../src/books/service-options.js";
import {
  bookMessages,
  type BookGenerationUpdate,
  type BookMessage,
  type BookMessages,
  type ChapterText,
  type Topic,
} from "../../../src/protocol/index.js";
import { openTestHome } from "../../support/test-home.js";
import type { Home } from "../../../src/storage/types.js";

export interface BooksRoom extends AsyncDisposable {
  readonly directory: string;
  readonly home: Home;
  readonly bus: Bus<BookMessages>;
  readonly books: Books;
  readonly problems: unknown[];
  /** Collects what is published on these topics from now on. */
  listen(...topics: Topic[]): BookMessage[];
  /** The same home as another process would open it after this one. */
  again(author: () => Author, options?: Partial<BooksOptions>): Promise<Books>;
}

/** A real home in a temporary folder, a real bus, and books by the given author; all gone at the end. */
export async function openBooksRoom(
  author: () => Author,
  options: Partial<BooksOptions> = {},
): Promise<BooksRoom> {
  const directory = await mkdtemp(join(tmpdir(), "inkwire-books-"));
  const home = await openTestHome(directory);
  const bus = createBus({ messages: bookMessages });
  const problems: unknown[] = [];
  const opened: AsyncDisposable[] = [];
  const open = (which: Home, make: () => Author, more: Partial<BooksOptions> = {}): Books => {
    const books = createBooks({
      home: which,
      bus,
      authors: { resolve: async () => make() },
      retry: { baseMs: 1, capMs: 5 },
      onProblem: (problem) => problems.push(problem),
      ...more,
    });
    opened.push(books);
    return books;
  };
  return {
    directory,
    home,
    bus,
    books: open(home, author, options),
    problems,
    listen(...topics) {
      const messages: BookMessage[] = [];
      const subscription = bus.subscribe(topics, { maxOutboxBytes: 100_000_000 });
      void (async () => {
        for await (const message of subscription) messages.push(message);
      })();
      return messages;
    },
    again: async (make, more) => open(await openTestHome(directory), make, more),
    async [Symbol.asyncDispose]() {
      for (const books of opened) {
        await (books as Books).close({ graceMs: 0 });
      }
      await bus.close();
      await home.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function updatesOf(messages: readonly BookMessage[]): BookGenerationUpdate[] {
  return messages
    .filter((message) => message.type === "book_generation_update")
    .map((message) => message.data);
}

/** Puts the pieces of a chapter together as a reader does: one that goes back overwrites. */
export function textOf(
  messages: readonly BookMessage[],
  chapter: number,
): { text: string; done: boolean } {
  const pieces = messages
    .filter((message) => message.type === "chapter_text")
    .map((message): ChapterText => message.data)
    .filter((piece) => piece.chapter === chapter);
  let text = "";
  for (const piece of pieces) {
    if (piece.offset > text.length)
      throw new Error(`a hole before offset ${piece.offset} of chapter ${chapter}`);
    text = text.slice(0, piece.offset) + piece.text;
  }
  return { text, done: pieces.at(-1)?.done ?? false };
}
