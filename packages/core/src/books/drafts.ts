import { createFileLogs, createMemoryLogs, type LogWriter } from "../storage/logs.js";
import type { Home } from "../storage/types.js";
import { readDraftLines, type DraftLine, type DraftState } from "./draft-lines.js";

// A crash loses less text than a person reads in a second.
const DEFAULT_FLUSH_MS = 250;

export interface DraftsOptions {
  /** Which logs of the home, in segments joined by `/`. @default "drafts" */
  readonly folder?: string | undefined;
  /** How long text may wait in memory before it is written. @default 250 */
  readonly flushMs?: number | undefined;
  /** Told once for each draft that can't be written; the chapter itself goes on. */
  readonly onProblem: (error: unknown) => void;
}

/** The text of one attempt at a chapter, on its way to disk, and what was paid for it. */
export interface DraftLog {
  /** `offset`: how much of the chapter comes before `text`, in UTF-16 units. Going back drops what was there. */
  append(offset: number, text: string): void;
  /** Keeps a fact about the text so far, in its place among it. */
  note(line: Exclude<DraftLine, { readonly text: string } | { readonly ground: string }>): void;
  /** Writes what is left; resolves when it is written. */
  close(): Promise<void>;
}

/**
 * What chapters that are not finished have so far: a log of JSON lines for each, appended while the author writes. It
 * outlives a crash, and other processes read along. In a home in memory it lives there.
 */
export interface Drafts {
  /**
   * Begins an attempt, which writes on in the log of earlier ones of the same `ground`: what the chapter rests on, as a
   * hash. The draft of another ground, or of none, is dropped with the first line.
   */
  open(bookId: number, chapter: number, ground?: string): DraftLog;
  /** The text so far, all that this process was given included; `undefined` where there is no draft. */
  read(bookId: number, chapter: number): Promise<string | undefined>;
  /** What earlier attempts of the same ground left; `undefined` where there is nothing of the kind. */
  recall(bookId: number, chapter: number, ground: string): Promise<DraftState | undefined>;
  /** Forgets one draft, or all of a book. */
  remove(bookId: number, chapter?: number): Promise<void>;
}

export function createDrafts(
  { directory, logs: given }: Pick<Home, "directory" | "logs">,
  options: DraftsOptions,
): Drafts {
  const { flushMs = DEFAULT_FLUSH_MS, onProblem, folder = "drafts" } = options;
  const logs = given ?? (directory === undefined ? createMemoryLogs() : createFileLogs(directory));
  const folderOf = (bookId: number) => `${folder}/${bookId}`;
  const nameOf = (bookId: number, chapter: number) => `${folderOf(bookId)}/${chapter}`;
  const writing = new Map<string, () => Promise<void>>();

  const read = async (name: string): Promise<DraftState | undefined> => {
    await writing.get(name)?.();
    const lines = await logs.read(name);
    return lines === undefined ? undefined : readDraftLines(lines);
  };

  return {
    open(bookId, chapter, ground) {
      const name = nameOf(bookId, chapter);
      const header = ground === undefined ? "" : `${JSON.stringify({ ground })}\n`;
      const log = createLog(() => logs.begin(name, header), flushMs, onProblem);
      writing.set(name, log.flush);
      return {
        append: (offset, text) => log.append(offset, text),
        note: (line) => log.note(line),
        async close() {
          await log.close();
          if (writing.get(name) === log.flush) writing.delete(name);
        },
      };
    },
    read: async (bookId, chapter) => (await read(nameOf(bookId, chapter)))?.text,
    async recall(bookId, chapter, ground) {
      const state = await read(nameOf(bookId, chapter));
      return state?.ground === ground ? state : undefined;
    },
    remove: (bookId, chapter) =>
      chapter === undefined
        ? logs.removeAll(folderOf(bookId))
        : logs.remove(nameOf(bookId, chapter)),
  };
}

interface Log extends DraftLog {
  readonly flush: () => Promise<void>;
}

function createLog(
  begin: () => Promise<LogWriter>,
  flushMs: number,
  onProblem: (error: unknown) => void,
): Log {
  let file: LogWriter | undefined;
  let waiting = "";
  let pending: { readonly offset: number; text: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tail = Promise.resolve();
  let broken = false;

  const settle = (): void => {
    if (pending !== undefined) waiting += lineOf(pending);
    pending = undefined;
  };
  const write = async (): Promise<void> => {
    settle();
    const lines = waiting;
    waiting = "";
    if (lines === "" || broken) return;
    file ??= await begin();
    await file.write(lines);
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    tail = tail.then(write).catch((error: unknown) => {
      // A hole in the log would make what follows worthless; the text itself is still with its writer.
      if (!broken) onProblem(error);
      broken = true;
    });
    return tail;
  };
  const flushSoon = (): void => void (timer ??= setTimeout(() => void flush(), flushMs));

  return {
    append(offset, text) {
      if (pending !== undefined && offset !== pending.offset + pending.text.length) settle();
      if (pending === undefined) pending = { offset, text };
      else pending.text += text;
      flushSoon();
    },
    note(line) {
      settle();
      waiting += lineOf(line);
      // That a request begins is known before anything can come of it.
      if ("planned" in line) void flush();
      else flushSoon();
    },
    flush,
    async close() {
      await flush();
      await file?.close().catch(onProblem);
      file = undefined;
    },
  };
}

const lineOf = (line: DraftLine): string => `${JSON.stringify(line)}\n`;
