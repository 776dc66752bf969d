import type { Home } from "@inkwire/core";
import { bookFormats, type BookFormat } from "../commands/flags.js";
import type { Destination } from "./destination.js";

/** What the command remembers of a book beside what the book is: where its files go. */
export interface DeliveryRecord extends Destination {
  readonly formats: readonly BookFormat[];
  /** Absolute paths of what was saved; empty before the book was complete. */
  readonly files: readonly string[];
}

/** Keeps delivery records in the home, so that `inkwire resume` saves a book where `create` was told to. */
export interface DeliveryRecords {
  /** `undefined` where there is none, or none that can be read: the defaults serve then. */
  get(bookId: number): Promise<DeliveryRecord | undefined>;
  set(bookId: number, record: DeliveryRecord): Promise<void>;
  remove(bookId: number): Promise<void>;
}

export function createDeliveryRecords(storage: Home["storage"]): DeliveryRecords {
  return {
    get: async (bookId) => parse(await storage.getItem(key(bookId)).catch(() => undefined)),
    set: (bookId, record) => storage.setItem(key(bookId), JSON.stringify({ v: 1, ...record })),
    remove: (bookId) => storage.removeItem(key(bookId)),
  };
}

const key = (bookId: number): string => `cli:deliveries:${bookId}`;

function parse(stored: unknown): DeliveryRecord | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { v, directory, own, name, formats, files } = stored as Record<string, unknown>;
  if (v !== 1 || typeof directory !== "string" || typeof own !== "boolean") return undefined;
  if (!Array.isArray(formats) || !isTexts(files)) return undefined;
  const known = bookFormats.filter((format) => formats.includes(format));
  return {
    directory,
    own,
    ...(typeof name === "string" && { name }),
    formats: known,
    files,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
