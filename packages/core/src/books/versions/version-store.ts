import * as v from "valibot";
import { InkwireError, isInkwireError } from "../../protocol/index.js";
import { createRecords } from "../../storage/records.js";
import type { Home } from "../../storage/types.js";
import type { Chapter } from "../types.js";

/** How a version came to be: `written` is the author's first one. */
export type VersionOrigin = "written" | "edited" | "regenerated" | "reverted";

/** One text that a chapter had or has. */
export interface ChapterVersion {
  /** From 1, never given twice in a chapter. */
  readonly version: number;
  readonly origin: VersionOrigin;
  /** ISO 8601. */
  readonly at: string;
  readonly title: string;
  readonly text: string;
  readonly words: number;
}

/** Which version counts, and since when. */
export interface ChapterHead {
  readonly chapter: number;
  readonly current: ChapterVersion;
  /** The numbers of all that are kept, rising. */
  readonly kept: readonly number[];
  /** The author's first text is what counts. */
  readonly isOriginal: boolean;
}

/** Older ones go, but for the first. */
export const MAX_VERSIONS = 50;

const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const storedVersion = v.object({
  version: positive,
  origin: v.picklist(["written", "edited", "regenerated", "reverted"]),
  at: v.string(),
  title: v.string(),
  text: v.string(),
  words: v.pipe(v.number(), v.minValue(0)),
});
const storedHead = v.object({ current: positive, next: positive, isOriginal: v.boolean() });

/** The versions of chapters that were changed after they were written; of others nothing is stored. */
export interface VersionStore {
  /** The changed chapters of a book, by number. */
  heads(bookId: number): Promise<ReadonlyMap<number, ChapterHead>>;
  get(bookId: number, chapter: number, version: number): Promise<ChapterVersion | undefined>;
  /** Makes a new version the one that counts. @param written - the author's text, kept as version 1. */
  add(
    bookId: number,
    written: Chapter,
    change: Pick<ChapterVersion, "origin" | "title" | "text" | "words">,
    isOriginal?: boolean,
  ): Promise<ChapterVersion>;
  remove(bookId: number): Promise<void>;
}

/** Versions lie at `versions:<book>:<chapter>:<version>`, which of them counts at `heads:<book>:<chapter>`. */
export function createVersionStore(
  home: Home,
  now: () => number,
  onProblem: (problem: unknown) => void,
): VersionStore {
  const onDamage = ({
    key,
    movedTo,
    reason,
  }: {
    key: string;
    movedTo: string | undefined;
    reason: string;
  }) =>
    onProblem(
      new InkwireError("record_damaged", `The record ${key} is damaged: ${reason}.`, {
        hint: `It was moved to ${movedTo}.`,
      }),
    );
  const common = { storage: home.storage, version: 1, onDamage } as const;
  const versions = createRecords<ChapterVersion>({
    ...common,
    prefix: "versions",
    schema: storedVersion,
  });
  const heads = createRecords<v.InferOutput<typeof storedHead>>({
    ...common,
    prefix: "heads",
    schema: storedHead,
  });
  const keyOf = (bookId: number, chapter: number, version: number) =>
    `${bookId}:${chapter}:${version}`;
  const keptOf = async (bookId: number, chapter: number): Promise<number[]> => {
    const keys = await versions.keys(`${bookId}:${chapter}`);
    return keys.map((key) => Number(key.split(":")[2])).toSorted((a, b) => a - b);
  };

  /** Two changes at once, also of two processes, would count each other out. */
  const alone = async <T>(bookId: number, act: () => Promise<T>): Promise<T> => {
    const lease = await home.locks.acquire(`versions:${bookId}`);
    if (lease === undefined) {
      throw new InkwireError("conflict", `Somebody else changes book ${bookId} right now.`, {
        retryable: true,
      });
    }
    try {
      return await act();
    } finally {
      await lease.release().catch(onProblem);
    }
  };

  return {
    async heads(bookId) {
      const found = new Map<number, ChapterHead>();
      for (const { key, value } of await heads.list(String(bookId))) {
        const chapter = Number(key.split(":")[1]);
        // A damaged one is in quarantine, and was told: the author's own text counts again.
        const current = await versions
          .get(keyOf(bookId, chapter, value.current))
          .catch((error: unknown) => {
            if (isInkwireError(error, "record_damaged")) return undefined;
            throw error;
          });
        const kept = await keptOf(bookId, chapter);
        if (current !== undefined)
          found.set(chapter, { chapter, current, kept, isOriginal: value.isOriginal });
      }
      return found;
    },
    get: (bookId, chapter, version) => versions.get(keyOf(bookId, chapter, version)),
    add: (bookId, written, change, isOriginal = false) =>
      alone(bookId, async () => {
        const { number } = written;
        const at = new Date(now()).toISOString();
        const head = await heads.get(`${bookId}:${number}`);
        if (head === undefined) {
          const { title, text, words } = written;
          const first: ChapterVersion = { version: 1, origin: "written", at, title, text, words };
          await versions.put(keyOf(bookId, number, 1), first);
        }
        const version: ChapterVersion = { version: head?.next ?? 2, at, ...change };
        // The text first: a head never points at what is not there.
        await versions.put(keyOf(bookId, number, version.version), version);
        await heads.put(`${bookId}:${number}`, {
          current: version.version,
          next: version.version + 1,
          isOriginal,
        });
        const [, ...later] = await keptOf(bookId, number);
        for (const old of later.slice(0, Math.max(0, later.length + 1 - MAX_VERSIONS))) {
          await versions.remove(keyOf(bookId, number, old));
        }
        return version;
      }),
    async remove(bookId) {
      for (const key of await heads.keys(String(bookId))) await heads.remove(key);
      for (const key of await versions.keys(String(bookId))) await versions.remove(key);
      await home.locks.forget(`versions:${bookId}`);
    },
  };
}
