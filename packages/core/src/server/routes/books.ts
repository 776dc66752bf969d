import * as v from "valibot";
import type { Books } from "../../books/service-types.js";
import { InkwireError, isInkwireError } from "../../protocol/index.js";
import type { CheckAuthor } from "../allowed-authors.js";
import type { Idempotency } from "../idempotency.js";
import { defineRoute, type Route } from "../route.js";
import {
  bookJson,
  bookListSchema,
  bookParams,
  bookSchema,
  bookSummaryJson,
  createdBookSchema,
} from "../schemas/book.js";
import { newBookSchema, resumeSchema } from "../schemas/book-request.js";
import { digits } from "../schemas/common.js";
import { estimateJson, estimateSchema } from "../schemas/version.js";

export interface BookRoutesDeps {
  readonly books: Books;
  readonly idempotency: Idempotency;
  readonly checkAuthor: CheckAuthor;
  readonly basePath: string;
}

const listQuery = v.strictObject({
  cursor: v.optional(
    v.pipe(v.string(), v.regex(/^b[0-9a-z]{1,11}$/, "expected the `next` of another page")),
  ),
  limit: v.optional(digits(1, 100), "20"),
});

/** The calls on books as a whole. */
export function bookRoutes({
  books,
  idempotency,
  checkAuthor,
  basePath,
}: BookRoutesDeps): readonly Route[] {
  const create = defineRoute({
    id: "createBook",
    method: "POST",
    path: "/api/books",
    summary: "Puts a new book in line to be written",
    access: "user",
    bucket: "write",
    headers: {
      "Idempotency-Key":
        "Of your making: the same key with the same body, sent twice within a day, makes one book",
    },
    body: newBookSchema,
    answers: {
      202: {
        description: "It is in line",
        schema: createdBookSchema,
        headers: {
          Location: "Where the book is",
          "Idempotency-Replayed": "`true` when this key had made the book before",
        },
      },
    },
    refusals: ["conflict"],
    async handle({ request, userId, body }) {
      checkAuthor(body.author);
      const key = request.headers.get("idempotency-key");
      const { bookId, taskId, isReplay } =
        key === null
          ? { ...(await books.create(userId, body)), isReplay: false }
          : await idempotency.once({
              userId,
              key,
              body,
              create: (onId) => books.create(userId, body, { onId }),
              find: (id) => findBook(userId, id),
            });
      return {
        status: 202,
        json: { book_id: bookId, task_id: taskId, status: "queued" },
        headers: {
          location: `${basePath}/api/books/${bookId}`,
          ...(isReplay && { "idempotency-replayed": "true" }),
        },
      };
    },
  });

  /** The book of a call that was cut off: its job may not have come to be. */
  async function findBook(userId: string, id: number) {
    if (!(await books.owns(userId, id))) return undefined;
    const { taskId, stopped } = await books.get(userId, id);
    if (stopped) await resume(userId, id);
    return { bookId: id, taskId };
  }

  async function resume(userId: string, id: number) {
    try {
      return await books.resume(userId, id);
    } catch (error) {
      // Somebody works on it already, which is what was asked for.
      if (isInkwireError(error, "job_busy")) return books.get(userId, id);
      throw error;
    }
  }

  const estimate = defineRoute({
    id: "estimateBook",
    method: "POST",
    path: "/api/books/estimate",
    summary: "What such a book would likely take; nothing is stored and nothing is bought",
    access: "user",
    bucket: "read",
    body: newBookSchema,
    answers: { 200: { description: "Ranges", schema: estimateSchema } },
    async handle({ body }) {
      checkAuthor(body.author);
      return { status: 200, json: estimateJson(await books.estimate(body)) };
    },
  });

  const list = defineRoute({
    id: "listBooks",
    method: "GET",
    path: "/api/books",
    summary: "Your books, newest first",
    access: "user",
    bucket: "read",
    query: listQuery,
    answers: { 200: { description: "One page", schema: bookListSchema } },
    async handle({ userId, query: { cursor, limit } }) {
      const before = cursor === undefined ? undefined : readCursor(cursor);
      const { books: views, next } = await books.page(userId, { before, limit });
      return {
        status: 200,
        json: {
          books: views.map(bookSummaryJson),
          ...(next !== undefined && { next: `b${next.toString(36)}` }),
        },
      };
    },
  });

  const get = defineRoute({
    id: "getBook",
    method: "GET",
    path: "/api/books/:id",
    summary: "One book with its outline, the state of each chapter, and what it used",
    access: "user",
    bucket: "read",
    params: bookParams,
    answers: { 200: { description: "The book", schema: bookSchema } },
    refusals: ["not_found"],
    handle: async ({ userId, params: { id } }) => ({
      status: 200,
      json: bookJson(await books.get(userId, id)),
    }),
  });

  const cancel = defineRoute({
    id: "cancelBook",
    method: "POST",
    path: "/api/books/:id/cancel",
    summary: "Stops writing, and the spending; what is written is kept",
    access: "user",
    bucket: "write",
    params: bookParams,
    answers: { 202: { description: "It is about to end", schema: bookSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id } }) => ({
      status: 202,
      json: bookJson(await books.cancel(userId, id)),
    }),
  });

  const pause = defineRoute({
    id: "pauseBook",
    method: "POST",
    path: "/api/books/:id/pause",
    summary:
      "Lets what is being written come to its end, and begins nothing further until a resume",
    access: "user",
    bucket: "write",
    params: bookParams,
    answers: { 202: { description: "It is about to pause", schema: bookSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id } }) => ({
      status: 202,
      json: bookJson(await books.pause(userId, id)),
    }),
  });

  const goOn = defineRoute({
    id: "resumeBook",
    method: "POST",
    path: "/api/books/:id/resume",
    summary:
      "Goes on with a book that failed, was cancelled or was interrupted; no finished chapter is written twice",
    access: "user",
    bucket: "write",
    params: bookParams,
    body: resumeSchema,
    answers: { 202: { description: "It is in line again", schema: bookSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id }, body: limits }) => ({
      status: 202,
      json: bookJson(await books.resume(userId, id, limits)),
    }),
  });

  const remove = defineRoute({
    id: "deleteBook",
    method: "DELETE",
    path: "/api/books/:id",
    summary: "Deletes a book that nobody is writing, for good",
    access: "user",
    bucket: "write",
    params: bookParams,
    answers: { 204: { description: "It is gone" } },
    refusals: ["not_found", "conflict"],
    async handle({ userId, params: { id } }) {
      await books.remove(userId, id);
      return { status: 204 };
    },
  });

  return [create, estimate, list, get, cancel, pause, goOn, remove];
}

function readCursor(cursor: string): number {
  const before = Number.parseInt(cursor.slice(1), 36);
  if (Number.isSafeInteger(before)) return before;
  throw new InkwireError("invalid_cursor", "cursor: expected the `next` of another page");
}
