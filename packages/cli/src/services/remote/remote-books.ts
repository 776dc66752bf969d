import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@inkwire/client";
import type { BookView } from "@inkwire/core/books";
import { isInkwireError, isTerminalStatus } from "@inkwire/core/protocol";
import type { SessionBooks } from "../session.js";
import type { Api } from "./api.js";
import { createRemoteVersions } from "./remote-versions.js";
import { readBookJson, readChapterJson, readCreatedJson, readPageJson } from "./read-book-json.js";

/** How often the state is read where no message says that it changed, in milliseconds. */
const LOOK_MS = 30_000;
/** A request that never got an answer is made again, with the same key: it is one book however often it arrives. */
const CREATE_ATTEMPTS = 4;
const CREATE_WAIT_MS = 500;

/** The books of a server's user, in the shape of those of a home. */
export function createRemoteBooks(client: Client, api: Api): SessionBooks {
  const leaving = new AbortController();
  const path = (id: number, rest = "") => `api/books/${id}${rest}`;
  const get = async (id: number): Promise<BookView> =>
    readBookJson(await api.json("GET", path(id)));

  return {
    versions: createRemoteVersions(client, api, leaving.signal),
    // Files of one's own are refused before: see `prepareRemoteRequest`.
    async create(_owner, request) {
      const headers = { "idempotency-key": randomUUID() };
      for (let attempt = 1; ; attempt += 1) {
        try {
          const created = readCreatedJson(
            await api.json("POST", "api/books", wire(request as object), headers),
          );
          return { bookId: created.book_id, taskId: created.task_id, status: "queued" };
        } catch (error) {
          const maySucceed =
            isInkwireError(error, "server_unreachable") && attempt < CREATE_ATTEMPTS;
          if (!maySucceed) throw error;
          await sleep(CREATE_WAIT_MS * attempt);
        }
      }
    },
    get: (_owner, id) => get(id),
    async list() {
      const books: BookView[] = [];
      for (let next: string | undefined = ""; next !== undefined;) {
        const query = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
        const page: { books: unknown[]; next?: string | undefined } = readPageJson(
          await api.json("GET", `api/books?limit=100${query}`),
        );
        books.push(...page.books.map(readBookJson));
        next = page.next;
      }
      return books.toReversed();
    },
    chapter: async (_owner, id, number) =>
      readChapterJson(await api.json("GET", path(id, `/chapters/${number}`))),
    cancel: async (_owner, id) => readBookJson(await api.json("POST", path(id, "/cancel"))),
    pause: async (_owner, id) => readBookJson(await api.json("POST", path(id, "/pause"))),
    resume: async (_owner, id, limits = {}) =>
      readBookJson(await api.json("POST", path(id, "/resume"), wire(limits))),
    async remove(_owner, id) {
      await api.json("DELETE", path(id));
    },
    async export(_owner, id, format) {
      const { name, mediaType, bytes } = await api.file(path(id, `/export?format=${format}`));
      return { name: name ?? `book-${id}.${format}`, mediaType, bytes };
    },
    async wait(_owner, id) {
      let change = Promise.withResolvers<void>();
      const look = (): void => change.resolve();
      const stopListening = [
        client.onGap(look),
        client.on("book_generation_update", ({ data }) => {
          if (data.book_id === id && isTerminalStatus(data.status)) look();
        }),
      ];
      leaving.signal.addEventListener("abort", look, { once: true });
      try {
        for (;;) {
          const book = await get(id);
          if (isTerminalStatus(book.status) || leaving.signal.aborted) return book;
          await Promise.race([change.promise, sleep(LOOK_MS, undefined, { ref: false })]);
          change = Promise.withResolvers();
        }
      } finally {
        for (const stop of stopListening) stop();
        leaving.signal.removeEventListener("abort", look);
      }
    },
    // The book is the server's: only the looking on ends.
    close: async () => leaving.abort(),
  };
}

/** The names of fields on the wire are in snake_case. */
function wire(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
  );
}
