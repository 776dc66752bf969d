import type { BookDeleted, BookGenerationUpdate } from "@inkwire/core/protocol";
import { advance, parseBook, type BookSummary } from "./book-state.js";
import { nextPage, pageSize, type PagedState, type PagedStore } from "./pages.js";
import { createReplica, isOwnTopic, type ReadOptions, type StoreClient } from "./replica.js";
import { unexpected, type Json } from "./request-json.js";

export interface BookListState extends PagedState {
  /** Newest first. */
  readonly books: readonly BookSummary[];
}

const PAGE = 20;

/** The user's books. It updates itself: progress by messages, and new ones as soon as they are heard of. */
export function createBookList(
  client: StoreClient,
  options?: ReadOptions,
): PagedStore<BookListState> {
  const replica = createReplica<BookListState>(client, {
    ...options,
    // As much as is on the screen, so that it does not collapse.
    path: ({ books }) => `api/books?limit=${pageSize(books.length, PAGE)}`,
    types: ["book_generation_update", "book_deleted"],
    concerns: isOwnTopic,
    initial: { books: [], next: undefined },
    take: (state, answer) => ({ ...state, ...parsePage(answer, state.books) }),
    apply(state, { type, data }) {
      const { books, next } = state;
      if (type === "book_deleted") {
        const { book_id: gone } = data as BookDeleted;
        const left = books.filter(({ book_id }) => book_id !== gone);
        return left.length === books.length ? state : { ...state, books: left };
      }
      const update = data as BookGenerationUpdate;
      const index = books.findIndex(({ book_id }) => book_id === update.book_id);
      const book = books[index];
      if (book !== undefined) return { ...state, books: books.with(index, updated(book, update)) };
      const isOnLaterPage =
        next !== undefined && update.book_id < (books.at(-1)?.book_id ?? Number.POSITIVE_INFINITY);
      return isOnLaterPage ? state : undefined;
    },
  });
  return {
    ...replica,
    loadMore: nextPage(client, replica, `api/books?limit=${PAGE}`, (state, answer) => {
      const { books, next } = parsePage(answer, []);
      return { ...state, next, books: [...state.books, ...without(books, state.books)] };
    }),
  };
}

function parsePage(
  { books, next }: Json,
  before: readonly BookSummary[],
): Pick<BookListState, "books" | "next"> {
  if (!Array.isArray(books)) throw unexpected("list of books");
  return {
    books: books.map((value) => {
      const book = parseBook(value);
      return advance(
        before.find(({ book_id }) => book_id === book.book_id),
        book,
      );
    }),
    next: typeof next === "string" ? next : undefined,
  };
}

function updated(book: BookSummary, update: BookGenerationUpdate): BookSummary {
  const { task_id, status, progress, words = book.words, book_title: title = book.title } = update;
  const { error: _old, ...rest } = book;
  const next = { ...rest, task_id, status, progress, words, title, stopped: false };
  return advance(book, update.error === undefined ? next : { ...next, error: update.error });
}

const without = (books: readonly BookSummary[], known: readonly BookSummary[]): BookSummary[] =>
  books.filter((book) => known.every(({ book_id }) => book_id !== book.book_id));
