import { createBookList, type BookListState } from "@inkwire/client";
import { useStore, type View } from "../shared.js";
import { withKeyed } from "./keyed.js";

interface BooksMethods {
  /** Appends the next page, if `next` says that there is one. */
  loadMore(): Promise<void>;
  refresh(): void;
}

/** The books of the user, newest first; the list updates itself. A book keeps its object while it changes. */
export function useBooks(): View<BookListState, BooksMethods> {
  const view = useStore({
    key: () => "books",
    make: (client) => createBookList(client),
    empty: (isLoading): BookListState => ({
      books: [],
      next: undefined,
      isLoading,
      error: undefined,
    }),
    methods: (store): BooksMethods => ({
      loadMore: async () => store()?.loadMore(),
      refresh: () => store()?.refresh(),
    }),
  });
  return withKeyed(view, "books", "book_id");
}
