import type { Jobs } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import { chapterOrder } from "./bible/dependencies.js";
import type { Drafts } from "./drafts.js";
import type { BookRecord } from "./book-record.js";
import type { BookLedgers } from "./ledger/book-ledgers.js";
import type { Chapter, Outline } from "./types.js";
import { staleChapters } from "./versions/stale.js";
import type { ChapterHead, VersionStore } from "./versions/version-store.js";
import type { BookState } from "./view.js";

export interface BookReaderOptions {
  readonly jobs: Pick<Jobs, "get" | "isRunning" | "checkpoints">;
  readonly drafts: Drafts;
  readonly ledgers: Pick<BookLedgers, "read">;
  readonly versions: Pick<VersionStore, "heads">;
}

/** Reads what storage knows of a book, whichever process is writing it. */
export interface BookReader {
  state(record: BookRecord): Promise<BookState>;
  /** The text of one chapter so far. @throws InkwireError `not_found` for a chapter that the outline doesn't have, yet or ever. */
  chapter(
    record: BookRecord,
    number: number,
  ): Promise<{ readonly title: string; readonly text: string; readonly done: boolean }>;
}

export function createBookReader({
  jobs,
  drafts,
  ledgers,
  versions,
}: BookReaderOptions): BookReader {
  return {
    async state(record) {
      const { id, taskId } = record;
      // Drafts first: one that is finished meanwhile is found among the checkpoints, and never nowhere.
      const job = await jobs.get(taskId);
      const isAlive = await jobs.isRunning(taskId);
      const begun =
        job?.status === "completed" ? new Map<number, string>() : await readDrafts(id, record);
      const { outline, chapters: written } = await readCheckpoints(taskId);
      const heads = await versions.heads(id);
      const chapters = withVersions(written, heads);
      const stale = staleChapters(heads, restsOn(record, outline, written), (number) =>
        chapters.has(number),
      );
      for (const number of chapters.keys()) begun.delete(number);
      const ledger = await ledgers.read(record, isAlive);
      return {
        record,
        job,
        isAlive,
        outline,
        chapters,
        written,
        heads,
        stale,
        drafts: begun,
        ledger,
      };
    },
    async chapter(record, number) {
      const draft = isNumber(number) ? await drafts.read(record.id, number) : undefined;
      const { outline, chapters: written } = await readCheckpoints(record.taskId);
      const chapters = withVersions(written, await versions.heads(record.id));
      const planned = outline?.chapters[number - 1];
      if (planned === undefined) {
        throw new InkwireError(
          "not_found",
          `Book ${record.id} has no such chapter${outline === undefined ? " yet" : ""}`,
        );
      }
      const done = chapters.get(number);
      return {
        title: done?.title ?? planned.title,
        text: done?.text ?? draft ?? "",
        done: done !== undefined,
      };
    },
  };

  async function readDrafts(bookId: number, record: BookRecord): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (let number = 1; number <= record.request.chapters; number += 1) {
      const text = await drafts.read(bookId, number);
      if (text !== undefined) found.set(number, text);
    }
    return found;
  }

  async function readCheckpoints(
    taskId: string,
  ): Promise<{ outline: Outline | undefined; chapters: Map<number, Chapter> }> {
    const results = await jobs.checkpoints(taskId);
    const chapters = new Map<number, Chapter>();
    const outline = results.get("outline") as Outline | undefined;
    for (const index of outline?.chapters.keys() ?? []) {
      // Checked when it was written, by the step of this name; storage vouches that it is whole.
      const chapter = results.get(`chapter/${index}`) as Chapter | undefined;
      if (chapter !== undefined) chapters.set(index + 1, chapter);
    }
    return { outline, chapters };
  }
}

/** Chapters as they are read and exported: in the version that counts. */
function withVersions(
  written: ReadonlyMap<number, Chapter>,
  heads: ReadonlyMap<number, ChapterHead>,
): Map<number, Chapter> {
  const chapters = new Map(written);
  for (const [number, { current }] of heads) {
    const chapter = written.get(number);
    if (chapter === undefined) continue;
    const { title, text, words } = current;
    chapters.set(number, { ...chapter, title, text, words });
  }
  return chapters;
}

/**
 * What each chapter goes on from, by index: the one before it, and those that it was told facts of. Text that its user
 * brought rests on nothing.
 */
function restsOn(
  { author }: BookRecord,
  outline: Outline | undefined,
  written: ReadonlyMap<number, Chapter>,
): number[][] {
  if (outline === undefined || author.id === "markdown") return [];
  const hasFacts = (index: number) => (written.get(index + 1)?.facts ?? []).length > 0;
  return chapterOrder(outline.chapters).map((rests, index) => {
    const told = rests.filter((earlier) => earlier !== index - 1 && hasFacts(earlier));
    return index === 0 ? [] : [...told, index - 1];
  });
}

function isNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
