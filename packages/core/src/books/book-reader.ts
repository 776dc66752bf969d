import type { Jobs } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import type { Drafts } from "./drafts.js";
import type { BookRecord } from "./book-record.js";
import type { BookLedgers } from "./ledger/book-ledgers.js";
import type { Chapter, Outline } from "./types.js";
import type { BookState } from "./view.js";

export interface BookReaderOptions {
  readonly jobs: Pick<Jobs, "get" | "isRunning" | "checkpoints">;
  readonly drafts: Drafts;
  readonly ledgers: Pick<BookLedgers, "read">;
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

export function createBookReader({ jobs, drafts, ledgers }: BookReaderOptions): BookReader {
  return {
    async state(record) {
      const { id, taskId } = record;
      // Drafts first: one that is finished meanwhile is found among the checkpoints, and never nowhere.
      const job = await jobs.get(taskId);
      const isAlive = await jobs.isRunning(taskId);
      const begun =
        job?.status === "completed" ? new Map<number, string>() : await readDrafts(id, record);
      const { outline, chapters } = await readCheckpoints(taskId);
      for (const number of chapters.keys()) begun.delete(number);
      const ledger = await ledgers.read(record, isAlive);
      return { record, job, isAlive, outline, chapters, drafts: begun, ledger };
    },
    async chapter(record, number) {
      const draft = isNumber(number) ? await drafts.read(record.id, number) : undefined;
      const { outline, chapters } = await readCheckpoints(record.taskId);
      const planned = outline?.chapters[number - 1];
      if (planned === undefined) {
        throw new InkwireError(
          "not_found",
          `Book ${record.id} has no such chapter${outline === undefined ? " yet" : ""}`,
        );
      }
      const done = chapters.get(number);
      return { title: planned.title, text: done?.text ?? draft ?? "", done: done !== undefined };
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

function isNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
