import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@inkwire/client";
import type { ChapterVersions, Regenerated } from "@inkwire/core/books";
import { isTerminalStatus, type WireError } from "@inkwire/core/protocol";
import type { Api } from "./api.js";
import {
  readChangeJson,
  readEstimateJson,
  readRewriteJson,
  readVersionsJson,
} from "./read-version-json.js";

/** How often the versions are read where no message says that a chapter is written, in milliseconds. */
const LOOK_MS = 15_000;

/** The versions of a server's chapters, in the shape of those of a home. @param leaving - ends every wait. */
export function createRemoteVersions(
  client: Client,
  api: Api,
  leaving: AbortSignal,
): ChapterVersions {
  const path = (book: number, chapter: number, what: string) =>
    `api/books/${book}/chapters/${chapter}/${what}`;
  /** How tasks that this command began ended, as messages said: one may end before anybody waits for it. */
  const begun = new Map<string, { chapter: number; told: PromiseWithResolvers<Regenerated> }>();
  const changeOf = async (book: number, chapter: number) => {
    const versions = readVersionsJson(await api.json("GET", path(book, chapter, "versions")));
    const version = versions.find(({ current }) => current)?.version ?? 1;
    return { version, stale: [] };
  };
  client.on("book_generation_update", ({ data }) => {
    const { book_id: book, task_id: taskId, status, error } = data;
    const task = begun.get(taskId);
    if (task === undefined || !isTerminalStatus(status)) return;
    const change =
      status === "completed" ? changeOf(book, task.chapter) : Promise.resolve(undefined);
    change.then(
      (made) => task.told.resolve({ status, error: error as WireError | undefined, change: made }),
      (problem: unknown) => task.told.reject(problem),
    );
  });

  return {
    edit: async (_owner, book, chapter, change) =>
      readChangeJson(await api.json("POST", path(book, chapter, "edit"), change)),
    list: async (_owner, book, chapter) =>
      readVersionsJson(await api.json("GET", path(book, chapter, "versions"))),
    async diff(_owner, book, chapter, { from, to } = {}) {
      const query = new URLSearchParams();
      if (from !== undefined) query.set("from", String(from));
      if (to !== undefined) query.set("to", String(to));
      const { bytes } = await api.file(path(book, chapter, `diff?${query.toString()}`));
      return new TextDecoder().decode(bytes);
    },
    revert: async (_owner, book, chapter, version) =>
      readChangeJson(await api.json("POST", path(book, chapter, "revert"), { version })),
    // The API prices one at a time, and so does the command.
    estimate: async (_owner, book, [chapter = 1]) =>
      readEstimateJson(await api.json("GET", path(book, chapter, "estimate"))),
    async regenerate(_owner, book, chapter, { maxCostUsd, maxTokens } = {}) {
      const limits = {
        ...(maxCostUsd !== undefined && { max_cost_usd: maxCostUsd }),
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      };
      const answer = await api.json("POST", path(book, chapter, "regenerate"), limits);
      const { task_id: taskId } = readRewriteJson(answer);
      begun.set(taskId, { chapter, told: Promise.withResolvers() });
      return { taskId };
    },
    async wait(_owner, book, taskId) {
      const task = begun.get(taskId);
      const running: Regenerated = { status: "processing", error: undefined, change: undefined };
      if (task === undefined) return running;
      const wanted = Number(/-v(\d+)$/.exec(taskId)?.[1]);
      const left = new Promise<"left">((resolve) =>
        leaving.addEventListener("abort", () => resolve("left"), { once: true }),
      );
      while (!leaving.aborted) {
        const look = sleep(LOOK_MS, "look" as const, { ref: false });
        const ended = await Promise.race([task.told.promise, left, look]);
        if (typeof ended === "object") return ended;
        if (ended === "left") break;
        // The message of its end may be lost; a version that is there says the same.
        const change = await changeOf(book, task.chapter);
        if (change.version >= wanted) return { status: "completed", error: undefined, change };
      }
      return running;
    },
  };
}
