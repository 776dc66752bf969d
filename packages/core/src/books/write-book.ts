import { definePipeline } from "../pipeline/define.js";
import { inputHash } from "../pipeline/input-hash.js";
import type { Pipeline, RetryOptions } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import { makeAuthorCall } from "./author-events.js";
import type { Author } from "./authors/author.js";
import { writeChapter, type ChapterWriterOptions } from "./chapter-writer.js";
import { checkOutline } from "./outline.js";
import type { Repair } from "./repair.js";
import type { BookRequest, Chapter, Outline, Usage } from "./types.js";
import { sumUsage } from "./view.js";
import { WRITE_BOOK, type WriteBookInput } from "./write-book-input.js";

/** What a finished job says of its book; the texts stay in the checkpoints of its chapters. */
export interface BookSummary {
  readonly chapters: number;
  readonly words: number;
  readonly usage?: Usage | undefined;
}

export interface WriteBookOptions extends ChapterWriterOptions {
  readonly loadRequest: (owner: string, bookId: number) => Promise<BookRequest>;
  /** Makes the author of one run, lazily. */
  readonly resolveAuthor: (owner: string, bookId: number) => Promise<Author>;
  /** Chapters at once at most, whatever the author would do. @default 3 */
  readonly maxConcurrency?: number | undefined;
  /** For the outline and for each chapter. */
  readonly retry?: RetryOptions | undefined;
}

/** The pipeline that writes a book: its outline, its chapters some at once, and a look whether all of it is there. */
export function createWriteBook(options: WriteBookOptions): Pipeline<WriteBookInput, BookSummary> {
  const { loadRequest, resolveAuthor, maxConcurrency = 3, retry } = options;

  return definePipeline(
    WRITE_BOOK,
    {
      version: 1,
      plan: ({ chapters }: WriteBookInput) => [
        { name: "outline", weight: 1 },
        { name: "chapter", weight: 8, count: chapters },
        { name: "assemble", weight: 1 },
      ],
    },
    async (run, { bookId }) => {
      const request = await loadRequest(run.owner, bookId);
      const author = await resolveAuthor(run.owner, bookId);
      const subject = subjectOf(request);

      const outline = await run.step(
        "outline",
        { weight: 1, input: subject, retry },
        async (call): Promise<Outline> => {
          let usage: Usage | undefined;
          const repairs: Repair[] = [];
          const made = await author.outline(
            request,
            makeAuthorCall(call, () => {}, {
              onRequest: options.onRequest,
              onUsage(place, spent) {
                usage = sumUsage([usage, spent.usage]);
                options.onUsage?.(place, spent);
              },
              onRepair(place, repair) {
                repairs.push(repair);
                options.onRepair?.(place, repair);
              },
            }),
          );
          return {
            ...checkOutline(made, request),
            ...(usage === undefined ? {} : { usage }),
            ...(repairs.length === 0 ? {} : { repairs }),
          };
        },
      );

      // A chapter rests on the whole outline and on who writes it; the outline serves the next author as well.
      const ground = inputHash([subject, outline.premise, outline.chapters]);
      const chapters = await run.map(
        "chapter",
        outline.chapters,
        {
          weight: 8,
          concurrency: Math.max(1, Math.min(author.concurrency, maxConcurrency)),
          input: ({ number }) => ({ author: author.id, ground, number }),
          retry,
        },
        (chapter, call) =>
          writeChapter(author, { request, outline, chapter, bookId }, call, options),
      );

      const parts = chapters.map(({ number, words, text }) => ({
        number,
        words,
        text: inputHash(text),
      }));
      return run.step("assemble", { weight: 1, input: parts }, async () =>
        assemble(outline, chapters),
      );
    },
  );
}

/** What the outline depends on. Not the author: who writes on takes over what there is. */
function subjectOf({ title, brief, chapters, words, language }: BookRequest): object {
  return { title, brief, chapters, words, language };
}

/** @throws InkwireError `internal` when a chapter is missing, out of its place, or without text. */
function assemble(outline: Outline, chapters: readonly Chapter[]): BookSummary {
  for (const { number } of outline.chapters) {
    const chapter = chapters[number - 1];
    if (chapter?.number !== number || chapter.text.trim() === "") {
      throw new InkwireError(
        "internal",
        `Chapter ${number} of ${outline.chapters.length} is missing from the book`,
      );
    }
  }
  const usage = sumUsage([outline.usage, ...chapters.map((chapter) => chapter.usage)]);
  return {
    chapters: chapters.length,
    words: chapters.reduce((sum, { words }) => sum + words, 0),
    ...(usage === undefined ? {} : { usage }),
  };
}
