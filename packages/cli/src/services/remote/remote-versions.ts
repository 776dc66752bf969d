import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@inkwire/client";
import type { ChapterVersions } from "@inkwire/core/books";
import { isTerminalStatus } from "@inkwire/core/protocol";
import type { Api } from "./api.js";
import {
  readChangeJson,
  readEstimateJson,
  readRewriteJson,
  readTaskJson,
  readVersionsJson,
} from "./read-version-json.js";

/** How often a task is looked at where no message says that it has ended, in milliseconds. */
const LOOK_MS = 15_000;

/** The versions of a server's chapters, in the shape of those of a home. @param leaving - ends every wait. */
export function createRemoteVersions(
  client: Client,
  api: Api,
  leaving: AbortSignal,
): ChapterVersions {
  const path = (book: number, chapter: number, what: string) =>
    `api/books/${book}/chapters/${chapter}/${what}`;
  const task = async (book: number, taskId: string) =>
    readTaskJson(await api.json("GET", `api/books/${book}/tasks/${taskId}`));
  /** Who waits for a task is woken by what is said of its end. */
  const ended = new Map<string, PromiseWithResolvers<"told">>();
  client.on("book_generation_update", ({ data }) => {
    if (isTerminalStatus(data.status) || data.paused !== undefined)
      ended.get(data.task_id)?.resolve("told");
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
      return { taskId };
    },
    task: (_owner, book, taskId) => task(book, taskId),
    async wait(_owner, book, taskId) {
      const left = new Promise<"left">((resolve) =>
        leaving.addEventListener("abort", () => resolve("left"), { once: true }),
      );
      while (!leaving.aborted) {
        const told = Promise.withResolvers<"told">();
        ended.set(taskId, told);
        // Looked at first: it may have ended before anybody waited, and the message of its end may be lost.
        const { status, error, change, isRunning } = await task(book, taskId);
        if (!isRunning) return { status, error, change };
        const look = sleep(LOOK_MS, "look" as const, { ref: false });
        await Promise.race([told.promise, left, look]);
      }
      return { status: "processing", error: undefined, change: undefined };
    },
  };
}
