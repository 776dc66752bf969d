import * as v from "valibot";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";

/**
 * A book whose end its owner is still to be told. It is stored while the book is written, so that a process that ends at
 * the wrong moment leaves behind that there is something to tell.
 */
export interface BookWatch {
  readonly userId: string;
  readonly bookId: number;
  /** When this run of the book began, in milliseconds since 1970: a book may end more than once. */
  readonly startedAtMs: number;
}

export interface BookWatches {
  /** Begins a watch, or gives back the one that is there. */
  begin(watch: BookWatch): Promise<BookWatch>;
  get(bookId: number): Promise<BookWatch | undefined>;
  end(bookId: number): Promise<void>;
  list(): Promise<BookWatch[]>;
}

const watchSchema = v.object({
  userId: v.string(),
  bookId: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  startedAtMs: v.pipe(v.number(), v.safeInteger()),
});

export function createBookWatches(home: Home, onProblem: (problem: unknown) => void): BookWatches {
  const records = createRecords<BookWatch>({
    storage: home.storage,
    prefix: "book-watches",
    version: 1,
    schema: watchSchema,
    onDamage: onProblem,
  });
  const keyOf = (bookId: number) => String(bookId);

  return {
    async begin(watch) {
      const known = await records.get(keyOf(watch.bookId));
      if (known !== undefined) return known;
      await records.put(keyOf(watch.bookId), watch);
      return watch;
    },
    get: (bookId) => records.get(keyOf(bookId)),
    end: (bookId) => records.remove(keyOf(bookId)),
    list: async () => (await records.list()).map(({ value }) => value),
  };
}
