import * as v from "valibot";
import type { Author } from "./authors/author.js";
import type { BookRequest } from "./types.js";

/** The author that a book was given to. A resume asks for the same one. */
export interface AuthorRecord {
  readonly id: string;
  readonly label: string;
  readonly notice?: string | undefined;
}

/** The stored state of a book that its job doesn't hold. */
export interface BookRecord {
  readonly id: number;
  readonly owner: string;
  readonly taskId: string;
  /** Stable for this book on every export, such as `urn:uuid:…`. */
  readonly identifier: string;
  /** Its `author` is the id of the chosen one. */
  readonly request: BookRequest;
  readonly author: AuthorRecord;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Where the files of its source came from, relative to their root, in the order they are stored. */
  readonly sourcePaths: readonly string[];
}

const text = v.string();
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** Checks a record that is read from a storage. */
export const bookRecordSchema = v.object({
  id: positive,
  owner: text,
  taskId: text,
  identifier: text,
  request: v.object({
    title: text,
    brief: text,
    chapters: positive,
    words: positive,
    language: text,
    author: text,
    byline: v.optional(text),
    maxCostUsd: v.optional(v.number()),
    maxTokens: v.optional(positive),
  }),
  author: v.object({ id: text, label: text, notice: v.optional(text) }),
  createdAt: v.pipe(text, v.isoTimestamp()),
  sourcePaths: v.array(text),
});

/** What makes a new book's record, besides its request and its author. */
export interface BookOrigin {
  readonly id: number;
  readonly owner: string;
  readonly uuid: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly sourcePaths: readonly string[];
}

/** The record of a new book. Where the author has its own number of chapters, that one counts. */
export function makeBookRecord(asked: BookRequest, author: Author, origin: BookOrigin): BookRecord {
  const { id, owner, uuid, createdAtMs, sourcePaths } = origin;
  const { label, notice } = author;
  return {
    id,
    owner,
    taskId: `book-${id}`,
    identifier: `urn:uuid:${uuid}`,
    request: { ...asked, author: author.id, chapters: author.chapters ?? asked.chapters },
    author: { id: author.id, label, ...(notice === undefined ? {} : { notice }) },
    createdAt: new Date(createdAtMs).toISOString(),
    sourcePaths,
  };
}
