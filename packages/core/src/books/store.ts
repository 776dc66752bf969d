import { createHash } from "node:crypto";
import { InkwireError } from "../protocol/index.js";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";
import { bookRecordSchema, type BookRecord } from "./book-record.js";
import type { SourceFile } from "./service-types.js";

/** Books of users in a home. Every call names the owner, and another's book is as missing as one that never was. */
export interface BookStore {
  /** A number for a new book; never given twice. */
  nextId(): Promise<number>;
  /** Stores a new book: its source first, so that a book that is there has all of it. */
  add(record: BookRecord, source: readonly SourceFile[]): Promise<void>;
  /** @throws InkwireError `not_found`, `record_damaged`, `record_newer` */
  get(owner: string, id: number): Promise<BookRecord>;
  /** Whether `get` would find it. @throws InkwireError `record_damaged`, `record_newer` */
  has(owner: string, id: number): Promise<boolean>;
  /** By id; what is damaged is told to `onProblem` and left out. */
  list(owner: string): Promise<BookRecord[]>;
  /** Replaces the record of a book that is there. */
  update(record: BookRecord): Promise<void>;
  source(record: BookRecord): Promise<SourceFile[]>;
  /** Removes the record, after its source. */
  remove(record: BookRecord): Promise<void>;
}

export function createBookStore(home: Home, onProblem: (problem: unknown) => void): BookStore {
  const { storage, locks } = home;
  const records = createRecords<BookRecord>({
    storage,
    prefix: "books",
    version: 1,
    schema: bookRecordSchema,
    onDamage: ({ key, movedTo, reason }) => {
      const hint = `It was moved to ${movedTo}.`;
      onProblem(
        new InkwireError("record_damaged", `The record ${key} is damaged: ${reason}.`, { hint }),
      );
    },
  });
  const find = async (owner: string, id: number): Promise<BookRecord | undefined> => {
    if (!(Number.isSafeInteger(id) && id > 0)) return undefined;
    const record = await records.get(keyOf(owner, id));
    return record?.owner === owner ? record : undefined;
  };
  const sourceKey = (id: number, index: number) => `book-sources:${id}:${index}`;

  return {
    nextId: () => locks.nextNumber("books"),
    async add(record, source) {
      for (const [index, file] of source.entries()) {
        await storage.setItemRaw(sourceKey(record.id, index), file.bytes);
      }
      await records.put(keyOf(record.owner, record.id), record);
    },
    async get(owner, id) {
      const record = await find(owner, id);
      if (record === undefined) throw notFound(id);
      return record;
    },
    has: async (owner, id) => (await find(owner, id)) !== undefined,
    async list(owner) {
      const found = await records.list(ownerKey(owner));
      return found.map(({ value }) => value).toSorted((a, b) => a.id - b.id);
    },
    update: (record) => records.put(keyOf(record.owner, record.id), record),
    async source(record) {
      const files: SourceFile[] = [];
      for (const [index, path] of record.sourcePaths.entries()) {
        const bytes: unknown = await storage.getItemRaw(sourceKey(record.id, index));
        if (!(bytes instanceof Uint8Array)) {
          throw new InkwireError(
            "source_unreadable",
            `The stored source ${JSON.stringify(path)} of book ${record.id} is gone`,
          );
        }
        files.push({ path, bytes });
      }
      return files;
    },
    async remove(record) {
      // unstorage's clear() takes a prefix for a mount point, so each key is removed by name.
      for (const index of record.sourcePaths.keys()) {
        await storage.removeItem(sourceKey(record.id, index));
      }
      await records.remove(keyOf(record.owner, record.id));
    },
  };
}

function notFound(id: number): InkwireError {
  return new InkwireError(
    "not_found",
    `There is no book ${Number.isSafeInteger(id) ? id : "of that number"}`,
    {
      hint: "`inkwire list` shows your books.",
    },
  );
}

const keyOf = (owner: string, id: number): string => `${ownerKey(owner)}:${id}`;

/** An owner may be any other system's id, and a key may not: so it is hashed. */
function ownerKey(owner: string): string {
  return createHash("sha256").update(owner).digest("hex").slice(0, 32);
}
