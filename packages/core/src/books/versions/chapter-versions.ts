import type { Job, Jobs } from "../../pipeline/types.js";
import {
  InkwireError,
  isTerminalStatus,
  type BookStatus,
  type WireError,
} from "../../protocol/index.js";
import type { BookRecord } from "../book-record.js";
import type { BookReader } from "../book-reader.js";
import { cleanLine, cleanText, countWords } from "../text.js";
import type { Chapter } from "../types.js";
import type { BookEstimate } from "../ledger/estimate.js";
import type { BookLimits } from "../ledger/types.js";
import {
  isRewriteInput,
  REWRITE_CHAPTER,
  rewriteTaskId,
  type RewriteInput,
} from "./rewrite-chapter.js";
import type { ChapterVersion, VersionStore } from "./version-store.js";

/** A version without its text, for lists. */
export type VersionInfo = Omit<ChapterVersion, "text"> & {
  /** The one that counts: it is read, and exported. */
  readonly current: boolean;
};

/** What a change of a chapter left. */
export interface ChapterChange {
  readonly version: number;
  /** Finished chapters that rest on it and may no longer fit; nothing is done about them. */
  readonly stale: readonly number[];
}

/** The texts that chapters of finished or half-written books had and have. Every call names the owner. */
export interface ChapterVersions {
  /** Replaces the text of a finished chapter, or its title, by a new version. @throws InkwireError `invalid_request`, `conflict` */
  edit(
    owner: string,
    bookId: number,
    chapter: number,
    change: { readonly text?: string | undefined; readonly title?: string | undefined },
  ): Promise<ChapterChange>;
  /** Oldest first; one only, the author's, for a chapter that was never changed. */
  list(owner: string, bookId: number, chapter: number): Promise<VersionInfo[]>;
  /** What changed between two versions, as a unified diff. @param versions - @default the one before, and the one that counts */
  diff(
    owner: string,
    bookId: number,
    chapter: number,
    versions?: { readonly from?: number | undefined; readonly to?: number | undefined },
  ): Promise<string>;
  /** Makes the text of an earlier version count again, as a new one. @throws InkwireError `not_found` */
  revert(owner: string, bookId: number, chapter: number, version: number): Promise<ChapterChange>;
  /** What writing these chapters again would likely take. */
  estimate(owner: string, bookId: number, chapters: readonly number[]): Promise<BookEstimate>;
  /**
   * Has the book's author write a finished chapter again, as a job of its own. The text that is there counts until the new
   * one is whole. One that was begun and stopped goes on.
   *
   * @param limits - as of the whole book; those that are given replace its own.
   * @throws InkwireError `conflict` while the book is being written, `job_busy` while another chapter of it is.
   */
  regenerate(
    owner: string,
    bookId: number,
    chapter: number,
    limits?: BookLimits,
  ): Promise<{ readonly taskId: string }>;
  /** How that job stands. @throws InkwireError `not_found` */
  task(owner: string, bookId: number, taskId: string): Promise<RewriteTask>;
  /** Resolves when that job has ended, or was stopped in this process. */
  wait(owner: string, bookId: number, taskId: string): Promise<Regenerated>;
}

/** How the writing of a chapter ended. */
export interface Regenerated {
  readonly status: BookStatus;
  readonly error: WireError | undefined;
  /** Absent where the chapter stays as it was. */
  readonly change: ChapterChange | undefined;
}

/** How the writing of a chapter stands. */
export interface RewriteTask extends Regenerated {
  readonly chapter: number;
  /** It waits or is being written now; otherwise it has ended, or waits to be asked for again. */
  readonly isRunning: boolean;
  /** Why it waits to be asked for again, where it was paused or reached a limit. */
  readonly paused: WireError | undefined;
}

export interface ChapterVersionsOptions {
  readonly store: VersionStore;
  readonly load: (owner: string, bookId: number) => Promise<BookRecord>;
  readonly reader: Pick<BookReader, "state">;
  readonly jobs: Pick<Jobs, "get" | "enqueue" | "resume" | "wait" | "isRunning">;
  /** Lets `act` put the job `taskId` in line, where no other of the book runs. @throws InkwireError `job_busy` */
  readonly begin: <T>(record: BookRecord, taskId: string, act: () => Promise<T>) => Promise<T>;
  readonly estimate: (record: BookRecord, chapters: number) => Promise<BookEstimate>;
  /** Replaces the limits of a book that are given. */
  readonly limit: (record: BookRecord, limits: BookLimits) => Promise<BookRecord>;
  /** Tells those who read the chapter now. */
  readonly onChange: (bookId: number, chapter: Chapter) => void;
}

/** Far beyond a chapter; in UTF-16 units. */
const MAX_TEXT = 2_000_000;
const MAX_TITLE = 300;

export function createChapterVersions(options: ChapterVersionsOptions): ChapterVersions {
  const { store, load, reader, jobs, onChange } = options;

  const open = async (owner: string, bookId: number, number: number) => {
    const state = await reader.state(await load(owner, bookId));
    const written = state.written.get(number);
    const chapter = state.chapters.get(number);
    if (written === undefined || chapter === undefined) {
      const isPlanned = state.outline?.chapters[number - 1] !== undefined;
      throw isPlanned
        ? new InkwireError("conflict", `Chapter ${number} of book ${bookId} is not written yet.`)
        : new InkwireError("not_found", `Book ${bookId} has no chapter ${number}.`);
    }
    return { written, chapter, head: state.heads.get(number), isAlive: state.isAlive };
  };
  const versionOf = async (
    bookId: number,
    written: Chapter,
    number: number,
  ): Promise<ChapterVersion> => {
    const found = await store.get(bookId, written.number, number);
    if (found !== undefined) return found;
    if (number === 1) {
      const { title, text, words } = written;
      return { version: 1, origin: "written", at: "", title, text, words };
    }
    throw new InkwireError("not_found", `Chapter ${written.number} has no version ${number}.`, {
      hint: "Of many versions the first and the newest are kept.",
    });
  };
  const change = async (
    owner: string,
    bookId: number,
    written: Chapter,
    next: Pick<ChapterVersion, "origin" | "title" | "text">,
  ): Promise<ChapterChange> => {
    const { title, text } = next;
    const isOriginal = title === written.title && text === written.text;
    const words = countWords(text);
    const { version } = await store.add(bookId, written, { ...next, words }, isOriginal);
    onChange(bookId, { ...written, title, text, words });
    const { stale } = await reader.state(await load(owner, bookId));
    return { version, stale };
  };

  /** The job `taskId` and the chapter that it writes, where both are the owner's. */
  const rewriteOf = async (owner: string, bookId: number, taskId: string) => {
    const record = await load(owner, bookId);
    const job = await jobs.get(taskId);
    const input = job?.owner === owner && isRewriteInput(job.input) ? job.input : undefined;
    if (job === undefined || input?.bookId !== bookId)
      throw new InkwireError("not_found", `Book ${bookId} has no such task.`);
    return { record, job, chapter: input.chapter };
  };
  const endOf = async (
    record: BookRecord,
    chapter: number,
    { status, error }: Pick<Job, "status" | "error">,
  ): Promise<Regenerated> => {
    const { heads, stale } = await reader.state(record);
    const version = heads.get(chapter)?.current.version ?? 1;
    return { status, error, change: status === "completed" ? { version, stale } : undefined };
  };

  return {
    async edit(owner, bookId, number, { text, title }) {
      const { written, chapter } = await open(owner, bookId, number);
      const next = {
        origin: "edited" as const,
        title: title === undefined ? chapter.title : cleanLine(title),
        text: text === undefined ? chapter.text : cleanText(text).replace(/^\n+|\s+$/g, ""),
      };
      if (next.title === "" || next.title.length > MAX_TITLE)
        throw invalid(`title: expected 1 to ${MAX_TITLE} characters`);
      if (next.text === "" || next.text.length > MAX_TEXT)
        throw invalid(`text: expected 1 to ${MAX_TEXT} characters`);
      if (next.title === chapter.title && next.text === chapter.text)
        throw invalid("text: nothing was changed");
      return change(owner, bookId, written, next);
    },

    async list(owner, bookId, number) {
      const { written, head } = await open(owner, bookId, number);
      const infos: VersionInfo[] = [];
      for (const kept of head?.kept ?? [1]) {
        const { text: _, ...info } = await versionOf(bookId, written, kept);
        infos.push({ ...info, current: kept === (head?.current.version ?? 1) });
      }
      return infos;
    },

    async diff(owner, bookId, number, { from, to } = {}) {
      const { written, head } = await open(owner, bookId, number);
      const kept = head?.kept ?? [1];
      const last = to ?? head?.current.version ?? 1;
      const first = from ?? kept.findLast((version) => version < last) ?? last;
      const [older, newer] = [
        await versionOf(bookId, written, first),
        await versionOf(bookId, written, last),
      ];
      const { createTwoFilesPatch } = await import("diff");
      const name = (version: number) => `chapter-${number}.v${version}.md`;
      return createTwoFilesPatch(name(first), name(last), asFile(older), asFile(newer));
    },

    async revert(owner, bookId, number, version) {
      const { written, chapter } = await open(owner, bookId, number);
      const { title, text } = await versionOf(bookId, written, version);
      if (title === chapter.title && text === chapter.text)
        throw invalid(`version: ${version} is the text that counts already`);
      return change(owner, bookId, written, { origin: "reverted", title, text });
    },

    async estimate(owner, bookId, numbers) {
      for (const number of numbers) await open(owner, bookId, number);
      return options.estimate(await load(owner, bookId), numbers.length);
    },

    async regenerate(owner, bookId, number, limits = {}) {
      const { head, isAlive } = await open(owner, bookId, number);
      if (isAlive) {
        throw new InkwireError("conflict", `Book ${bookId} is being written.`, {
          retryable: true,
          hint: "Wait for its end, or pause it.",
        });
      }
      const found = await load(owner, bookId);
      const version = (head?.kept.at(-1) ?? 1) + 1;
      const taskId = rewriteTaskId(bookId, number, version);
      return options.begin(found, taskId, async () => {
        const { title, chapters } = (await options.limit(found, limits)).request;
        const input: RewriteInput = { bookId, title, chapters, chapter: number, version };
        if ((await jobs.get(taskId)) === undefined) {
          await jobs.enqueue(REWRITE_CHAPTER, input, { owner, id: taskId });
        } else await jobs.resume(taskId);
        return { taskId };
      });
    },

    async task(owner, bookId, taskId) {
      // First whether it runs: one that ends in between has its end in the job, which is read after.
      const isRunning = await jobs.isRunning(taskId);
      const { record, job, chapter } = await rewriteOf(owner, bookId, taskId);
      const isEnded = isTerminalStatus(job.status);
      return {
        ...(await endOf(record, chapter, job)),
        chapter,
        isRunning: isRunning && !isEnded && job.paused === undefined,
        paused: job.paused,
      };
    },

    async wait(owner, bookId, taskId) {
      const { record, chapter } = await rewriteOf(owner, bookId, taskId);
      return endOf(record, chapter, await jobs.wait(taskId));
    },
  };
}

/** As an editor shows it: a paragraph is a line, so a diff by lines names the paragraphs that changed. */
function asFile({ title, text }: ChapterVersion): string {
  return `# ${title}\n\n${text.trimEnd()}\n`;
}

function invalid(message: string): InkwireError {
  return new InkwireError("invalid_request", message);
}
