import { createBookProgress, type BookProgress } from "@inkwire/client";
import { useStore, type View } from "../shared.js";
import { access, type MaybeAccessor } from "./access.js";

/** How far a book is, from its first message to its end. @param bookId - a signal of it is followed. */
export function useBookGenerationUpdates(
  bookId: MaybeAccessor<number | undefined>,
): View<BookProgress, { refresh(): void }> {
  return useStore({
    key() {
      const id = access(bookId);
      return id === undefined ? undefined : `progress/${id}`;
    },
    make: (client) => createBookProgress(client, access(bookId) as number),
    empty: (isLoading): BookProgress => ({
      update: undefined,
      isDone: false,
      isStopped: false,
      isLoading,
      error: undefined,
    }),
    methods: (store) => ({ refresh: () => store()?.refresh() }),
  });
}
