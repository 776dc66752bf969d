import { hash } from "node:crypto";
import * as v from "valibot";
import { exportFormats } from "../../books/exporters/exporter-for.js";
import type { Books } from "../../books/service-types.js";
import { attachment } from "../content-disposition.js";
import { defineRoute, type Route } from "../route.js";
import { bookParams, chapterParams, chapterSchema } from "../schemas/book.js";
import { digits } from "../schemas/common.js";

export interface ChapterRoutesDeps {
  readonly books: Pick<Books, "chapter" | "export">;
  /** The cursor of the newest message. */
  readonly head: () => string;
}

/** The text of books: a chapter while it is being written, and the whole as a file. */
export function chapterRoutes({ books, head }: ChapterRoutesDeps): readonly Route[] {
  const chapter = defineRoute({
    id: "getChapter",
    method: "GET",
    path: "/api/books/:id/chapters/:number",
    summary: "The text of a chapter so far, and where to join the live one",
    access: "user",
    bucket: "read",
    params: chapterParams,
    query: v.strictObject({ from: v.optional(digits(0, Number.MAX_SAFE_INTEGER), "0") }),
    answers: { 200: { description: "The text from `from` on", schema: chapterSchema } },
    refusals: ["not_found"],
    async handle({ userId, params: { id, number }, query: { from } }) {
      // Before the text is read: what is published in between is in both, and a reader drops the overlap by its offset.
      const cursor = head();
      const { title, text, done } = await books.chapter(userId, id, number);
      const offset = joinAt(text, from);
      return { status: 200, json: { title, text: text.slice(offset), offset, done, cursor } };
    },
  });

  const file = defineRoute({
    id: "exportBook",
    method: "GET",
    path: "/api/books/:id/export",
    summary: "The book as a file; a half-written one is marked as such",
    access: "user",
    bucket: "read",
    params: bookParams,
    query: v.strictObject({
      format: v.optional(
        v.picklist(exportFormats, `expected one of ${exportFormats.join(", ")}`),
        "epub",
      ),
    }),
    headers: { "If-None-Match": "The `ETag` of the file that you have" },
    answers: {
      200: {
        description: "The file",
        media: [
          "application/epub+zip",
          "text/markdown",
          "text/html",
          "application/pdf",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ],
        headers: { "Content-Disposition": "Its name", ETag: "Changes with the file" },
      },
      304: { description: "You have it" },
    },
    refusals: ["not_found", "conflict"],
    async handle({ request, userId, params: { id }, query: { format } }) {
      const { name, mediaType, bytes } = await books.export(userId, id, format);
      const etag = `"${hash("sha256", bytes, "hex").slice(0, 32)}"`;
      const headers = {
        etag,
        "cache-control": "private, no-cache",
        // The text is a model's: opened as a page, it may run nothing.
        "content-security-policy":
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        "content-disposition": attachment(name),
      };
      if (matches(request.headers.get("if-none-match"), etag)) return { status: 304, headers };
      return { status: 200, body: bytes, headers: { ...headers, "content-type": mediaType } };
    },
  });

  return [chapter, file];
}

/**
 * Where the answer begins: at `from`, but never inside a surrogate pair. Who has more than there is has the text of an
 * attempt that was given up, and gets all of the new one.
 */
function joinAt(text: string, from: number): number {
  if (from > text.length) return 0;
  const isInsidePair =
    (text.charCodeAt(from) & 0xfc00) === 0xdc00 && (text.charCodeAt(from - 1) & 0xfc00) === 0xd800;
  return isInsidePair ? from - 1 : from;
}

/** RFC 9110 section 13.1.2: weak comparison. */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch
    .split(",")
    .some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
