import { createChapterText, type ChapterTextState } from "@inkwire/client";
import { useStore, type View } from "../shared.js";
import { access, type MaybeAccessor } from "./access.js";

/**
 * The text of a chapter while it is written. It is a model's: show it as text, or sanitise what you make of it.
 *
 * @param bookId - a signal of it is followed, and so is that of the chapter.
 * @param chapter - 1-based.
 */
export function useChapterText(
  bookId: MaybeAccessor<number | undefined>,
  chapter: MaybeAccessor<number | undefined>,
): View<ChapterTextState, { refresh(): void }> {
  return useStore({
    key() {
      const [id, n] = [access(bookId), access(chapter)];
      return id === undefined || n === undefined ? undefined : `chapter/${id}/${n}`;
    },
    make: (client) =>
      createChapterText(client, access(bookId) as number, access(chapter) as number),
    empty: (isLoading): ChapterTextState => ({
      title: undefined,
      text: "",
      isDone: false,
      isLoading,
      error: undefined,
    }),
    methods: (store) => ({ refresh: () => store()?.refresh() }),
  });
}
