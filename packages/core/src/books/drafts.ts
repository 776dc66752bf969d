import { mkdir, open, readFile, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Home } from "../storage/types.js";

// A crash loses less text than a person reads in a second.
const DEFAULT_FLUSH_MS = 250;

export interface DraftsOptions {
  /** How long text may wait in memory before it is written. @default 250 */
  readonly flushMs?: number | undefined;
  /** Told once for each draft that can't be written; the chapter itself goes on. */
  readonly onProblem: (error: unknown) => void;
}

/** The text of one attempt at a chapter, on its way to disk. */
export interface DraftLog {
  /** `offset`: how much of the chapter comes before `text`, in UTF-16 units. */
  append(offset: number, text: string): void;
  /** Writes what is left; resolves when it is written. */
  close(): Promise<void>;
}

/**
 * What chapters that are not finished have so far: a log of `{offset,text}` lines for each, appended while the author
 * writes. It outlives a crash, and other processes read along. In a home without a directory it lives in memory.
 */
export interface Drafts {
  /** Begins an attempt: the draft of an earlier one is dropped with the first text. */
  open(bookId: number, chapter: number): DraftLog;
  /** The text so far, all that this process was given included; `undefined` where there is no draft. */
  read(bookId: number, chapter: number): Promise<string | undefined>;
  /** Forgets one draft, or all of a book. */
  remove(bookId: number, chapter?: number): Promise<void>;
}

interface Place {
  /** The first write of an attempt replaces, later ones append. */
  begin(name: string): Promise<{ write(text: string): Promise<void>; close(): Promise<void> }>;
  read(name: string): Promise<string | undefined>;
  remove(prefix: string): Promise<void>;
}

export function createDrafts(home: Pick<Home, "directory">, options: DraftsOptions): Drafts {
  const { flushMs = DEFAULT_FLUSH_MS, onProblem } = options;
  const place =
    home.directory === undefined
      ? createMemoryPlace()
      : createDiskPlace(join(home.directory, "drafts"));
  const writing = new Map<string, () => Promise<void>>();

  return {
    open(bookId, chapter) {
      const name = nameOf(bookId, chapter);
      const log = createLog(place, name, flushMs, onProblem);
      writing.set(name, log.flush);
      return {
        append: (offset, text) => log.append(offset, text),
        async close() {
          await log.close();
          if (writing.get(name) === log.flush) writing.delete(name);
        },
      };
    },
    async read(bookId, chapter) {
      const name = nameOf(bookId, chapter);
      await writing.get(name)?.();
      const lines = await place.read(name);
      return lines === undefined ? undefined : replay(lines);
    },
    remove: (bookId, chapter) =>
      place.remove(chapter === undefined ? `${bookId}` : nameOf(bookId, chapter)),
  };
}

interface Log extends DraftLog {
  readonly flush: () => Promise<void>;
}

function createLog(
  place: Place,
  name: string,
  flushMs: number,
  onProblem: (error: unknown) => void,
): Log {
  let file: Awaited<ReturnType<Place["begin"]>> | undefined;
  let pending: { readonly offset: number; text: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tail = Promise.resolve();
  let broken = false;

  const write = async (): Promise<void> => {
    const line = pending;
    pending = undefined;
    if (line === undefined || broken) return;
    file ??= await place.begin(name);
    await file.write(`${JSON.stringify(line)}\n`);
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

  return {
    append(offset, text) {
      if (pending === undefined) pending = { offset, text };
      else pending.text += text;
      timer ??= setTimeout(() => void flush(), flushMs);
    },
    flush,
    async close() {
      await flush();
      await file?.close().catch(onProblem);
      file = undefined;
    },
  };
}

/** Puts the lines of a log together. A torn last line is left out; a line that goes back overwrites what it repeats. */
function replay(lines: string): string {
  let text = "";
  for (const line of lines.split("\n")) {
    const entry = parseLine(line);
    if (entry === undefined || entry.offset > text.length) continue;
    text =
      entry.offset === text.length ? text + entry.text : text.slice(0, entry.offset) + entry.text;
  }
  return text;
}

function parseLine(line: string): { readonly offset: number; readonly text: string } | undefined {
  if (line === "") return undefined;
  try {
    const { offset, text } = JSON.parse(line) as { offset?: unknown; text?: unknown };
    return typeof offset === "number" && offset >= 0 && typeof text === "string"
      ? { offset, text }
      : undefined;
  } catch {
    return undefined;
  }
}

const nameOf = (bookId: number, chapter: number): string => `${bookId}/${chapter}`;

function createDiskPlace(directory: string): Place {
  const pathOf = (name: string): string => join(directory, `${name}.jsonl`);
  return {
    async begin(name) {
      await mkdir(dirname(pathOf(name)), { recursive: true });
      const file: FileHandle = await open(pathOf(name), "w", 0o600);
      return {
        write: (text) => file.appendFile(text),
        close: () => file.close(),
      };
    },
    async read(name) {
      try {
        return await readFile(pathOf(name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    remove: (prefix) =>
      rm(prefix.includes("/") ? pathOf(prefix) : join(directory, prefix), {
        recursive: true,
        force: true,
      }),
  };
}

function createMemoryPlace(): Place {
  const files = new Map<string, string>();
  return {
    async begin(name) {
      files.set(name, "");
      return {
        write: async (text) => void files.set(name, (files.get(name) ?? "") + text),
        close: async () => {},
      };
    },
    read: async (name) => files.get(name),
    async remove(prefix) {
      for (const name of files.keys()) {
        if (name === prefix || name.startsWith(`${prefix}/`)) files.delete(name);
      }
    },
  };
}
