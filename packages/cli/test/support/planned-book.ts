import type { BookView } from "@inkwire/core/books";
import { bookView } from "./book.js";

/** A book with its outline, of which nothing is written yet. */
export function plannedBook(options: { chapters?: number; title?: string } = {}): BookView {
  const { chapters = 3, title = "The Tides of Brittany" } = options;
  return bookView({
    title,
    author: { id: "offline", label: "planned offline" },
    progress: 10,
    targetWords: chapters * 1200,
    premise: "What the sea does.",
    chapters: Array.from({ length: chapters }, (_, index) => ({
      number: index + 1,
      title: `Chapter ${title}`,
      summary: "It happens.",
      state: "waiting",
      words: 0,
      targetWords: 1200,
    })),
    updatedAt: "2026-11-22T21:10:04.123Z",
  });
}
