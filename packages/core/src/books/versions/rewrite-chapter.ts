import { definePipeline } from "../../pipeline/define.js";
import type { Pipeline, RetryOptions } from "../../pipeline/types.js";
import type { Author } from "../authors/author.js";
import { writeChapter, type ChapterWriterOptions } from "../chapter-writer.js";
import type { BookRequest, Chapter, Outline, OutlineChapter } from "../types.js";
import { isWriteBookInput, type WriteBookInput } from "../write-book-input.js";

/** The name of the pipeline that writes one finished chapter again. */
export const REWRITE_CHAPTER = "rewrite_chapter";

/** What a job of it holds. */
export interface RewriteInput extends WriteBookInput {
  /** 1-based. */
  readonly chapter: number;
  /** That it is to become; a job that runs twice makes it once. */
  readonly version: number;
}

/** The id of the job that makes `version` of a chapter: one wish, however often it is said. */
export function rewriteTaskId(bookId: number, chapter: number, version: number): string {
  return `book-${bookId}-chapter-${chapter}-v${version}`;
}

export function isRewriteInput(value: unknown): value is RewriteInput {
  if (!isWriteBookInput(value)) return false;
  const { chapter, version } = value as Partial<RewriteInput>;
  return Number.isSafeInteger(chapter) && Number.isSafeInteger(version);
}

/** What a chapter is written from. */
export interface RewriteGround {
  readonly request: BookRequest;
  readonly outline: Outline;
  readonly chapter: OutlineChapter;
  /** What earlier chapters settle, as lines. */
  readonly known: readonly string[];
}

export interface RewriteOptions extends ChapterWriterOptions {
  readonly load: (owner: string, input: RewriteInput) => Promise<RewriteGround>;
  readonly resolveAuthor: (owner: string, bookId: number, jobId: string) => Promise<Author>;
  /** Makes the text the one that counts, once for each version. */
  readonly keep: (owner: string, input: RewriteInput, chapter: Chapter) => Promise<void>;
  readonly retry?: RetryOptions | undefined;
}

/** Writes one chapter again: its text so far stays what is read until the new one is whole. */
export function createRewriteChapter(options: RewriteOptions): Pipeline<RewriteInput, null> {
  const { load, resolveAuthor, keep, retry } = options;
  return definePipeline(
    REWRITE_CHAPTER,
    {
      plan: () => [
        { name: "rewrite", weight: 20 },
        { name: "keep", weight: 1 },
      ],
    },
    async (run, input) => {
      const ground = await load(run.owner, input);
      const author = await resolveAuthor(run.owner, input.bookId, run.jobId);
      const chapter = await run.step(
        "rewrite",
        { weight: 20, input: { author: author.id, version: input.version }, retry },
        (call) => {
          // The ledger and the messages know a chapter by this step.
          const step = { name: "chapter", index: input.chapter - 1, count: input.chapters };
          const task = { ...ground, bookId: input.bookId };
          return writeChapter(author, task, { ...call, step }, options, run.jobId);
        },
      );
      return run.step("keep", { weight: 1, retry }, async () => {
        await keep(run.owner, input, chapter);
        return null;
      });
    },
  );
}
