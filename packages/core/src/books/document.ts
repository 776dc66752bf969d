import { InkwireError } from "../protocol/index.js";
import type { BookDocument, BookImage } from "./types.js";
import type { BookState } from "./view.js";

/**
 * What an exporter gets of a book: its finished chapters in order, and, where some are missing, how many.
 *
 * `modified` is when its job came to an end, or else when it last changed.
 *
 * @throws InkwireError `conflict` when no chapter is finished.
 */
export function makeBookDocument(
  { record, job, outline, chapters }: BookState,
  images: readonly BookImage[],
): BookDocument {
  const { request, author, identifier, createdAt } = record;
  const of = outline?.chapters.length ?? request.chapters;
  const done = [...chapters.values()].toSorted((a, b) => a.number - b.number);
  if (done.length === 0) {
    throw new InkwireError(
      "conflict",
      `Book ${record.id} has no finished chapter yet, so there is nothing to export`,
      {
        hint: "Wait for its first chapter, or resume it.",
      },
    );
  }
  return {
    identifier,
    title: request.title,
    byline: request.byline,
    language: request.language,
    premise: outline === undefined || outline.premise === "" ? undefined : outline.premise,
    notice: author.notice,
    modified: job?.finishedAt ?? job?.updatedAt ?? createdAt,
    chapters: done.map(({ number, title, text }) => ({ number, title, text })),
    images,
    unfinished: done.length < of ? { done: done.length, of } : undefined,
  };
}
