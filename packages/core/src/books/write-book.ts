import { definePipeline } from "../pipeline/define.js";
import { inputHash } from "../pipeline/input-hash.js";
import type { DoneItems, Pipeline, RetryOptions } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import type { Author } from "./authors/author.js";
import { chapterOrder } from "./bible/dependencies.js";
import { bibleSlice } from "./bible/slice.js";
import { writeChapter, type ChapterWriterOptions } from "./chapter-writer.js";
import { planOutline, type PlanOptions } from "./plan-outline.js";
import type { BookRequest, Chapter, Outline, OutlineChapter, Usage } from "./types.js";
import { sumUsage } from "./sum-usage.js";
import { WRITE_BOOK, type WriteBookInput } from "./write-book-input.js";

/** How many of the chapters before are compared with a new one: a bound for what the guards take. */
const maxEarlier = 12;

/** What a finished job says of its book; the texts stay in the checkpoints of its chapters. */
export interface BookSummary {
  readonly chapters: number;
  readonly words: number;
  readonly usage?: Usage | undefined;
}

export interface WriteBookOptions extends ChapterWriterOptions, PlanOptions {
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

      const outline = await run.step("outline", { weight: 1, input: subject, retry }, (call) =>
        planOutline(author, { request, bookId, ground: inputHash(subject) }, call, options),
      );

      // A chapter rests on the whole outline and on who writes it; the outline serves the next author as well.
      const ground = inputHash([subject, outline.premise, outline.chapters]);
      const order = author.facts === undefined ? [] : chapterOrder(outline.chapters);
      const before = (number: number, done: DoneItems<Chapter>): readonly Chapter[] =>
        (order[number - 1] ?? []).map(done);
      const knownTo = (chapter: OutlineChapter, done: DoneItems<Chapter>): readonly string[] =>
        bibleSlice(before(chapter.number, done), chapter);
      const inputOf = (chapter: OutlineChapter, known: readonly string[]) => {
        const own = { author: author.id, ground, number: chapter.number };
        return known.length === 0 ? own : { ...own, known };
      };
      const chapters = await run.map<OutlineChapter, Chapter>(
        "chapter",
        outline.chapters,
        {
          weight: 8,
          concurrency: Math.max(1, Math.min(author.concurrency, maxConcurrency)),
          after: (_, index) => order[index] ?? [],
          input: (chapter, _, done) => inputOf(chapter, knownTo(chapter, done)),
          retry,
        },
        (chapter, call, done) => {
          const known = knownTo(chapter, done);
          return writeChapter(
            author,
            { request, outline, chapter, bookId, known },
            call,
            options,
            inputHash(inputOf(chapter, known)),
            before(chapter.number, done)
              .slice(-maxEarlier)
              .map(({ text }) => text),
          );
        },
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
