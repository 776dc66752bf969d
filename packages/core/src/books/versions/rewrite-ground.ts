import { InkwireError } from "../../protocol/index.js";
import { chapterOrder } from "../bible/dependencies.js";
import { bibleSlice } from "../bible/slice.js";
import type { Drafts } from "../drafts.js";
import type { BookPublisher } from "../publisher.js";
import type { BookState } from "../view.js";
import { publishChapter } from "./publish-chapter.js";
import type { RewriteOptions } from "./rewrite-chapter.js";
import type { VersionStore } from "./version-store.js";

export interface RewriteGroundOptions {
  readonly state: (owner: string, bookId: number) => Promise<BookState>;
  readonly store: VersionStore;
  readonly drafts: Pick<Drafts, "remove">;
  readonly publisher: BookPublisher;
}

/** What a chapter is written again from, how its text comes to count, and what readers see when it doesn't. */
export function createRewriteGround(options: RewriteGroundOptions): Pick<
  RewriteOptions,
  "load" | "keep"
> & {
  /** Replaces what readers saw of a text that came to nothing by the one that counts. */
  showAgain(owner: string, bookId: number, chapter: number): Promise<void>;
} {
  const { state, store, drafts, publisher } = options;
  return {
    async load(owner, { bookId, chapter: number }) {
      const { record, outline, chapters } = await state(owner, bookId);
      const chapter = outline?.chapters[number - 1];
      if (outline === undefined || chapter === undefined) {
        throw new InkwireError("not_found", `Book ${bookId} has no chapter ${number}.`);
      }
      const rests = chapterOrder(outline.chapters)[number - 1] ?? [];
      const before = rests.flatMap((index) => chapters.get(index + 1) ?? []);
      return { request: record.request, outline, chapter, known: bibleSlice(before, chapter) };
    },
    async keep(owner, { bookId, version }, { number, title, text, words }) {
      const { written } = await state(owner, bookId);
      const first = written.get(number);
      const made = await store.get(bookId, number, version);
      if (first === undefined || made?.origin === "regenerated") return;
      await store.add(bookId, first, { origin: "regenerated", title, text, words });
      publishChapter(publisher, bookId, { ...first, title, text, words });
      await drafts.remove(bookId, number);
    },
    async showAgain(owner, bookId, chapter) {
      const current = (await state(owner, bookId)).chapters.get(chapter);
      if (current !== undefined) publishChapter(publisher, bookId, current);
    },
  };
}
