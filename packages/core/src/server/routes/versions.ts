import type { Books } from "../../books/service-types.js";
import { defineRoute, type Route } from "../route.js";
import { chapterParams } from "../schemas/book.js";
import { resumeSchema } from "../schemas/book-request.js";
import {
  changeJson,
  chapterChangeSchema,
  diffQuery,
  editSchema,
  estimateJson,
  estimateSchema,
  revertSchema,
  rewriteSchema,
  taskJson,
  taskParams,
  taskSchema,
  versionJson,
  versionListSchema,
} from "../schemas/version.js";

/** The calls on the texts that a chapter had and has. */
export function versionRoutes({ versions }: Pick<Books, "versions">): readonly Route[] {
  const list = defineRoute({
    id: "listVersions",
    method: "GET",
    path: "/api/books/:id/chapters/:number/versions",
    summary: "The versions of a chapter, oldest first",
    access: "user",
    bucket: "read",
    params: chapterParams,
    answers: { 200: { description: "All that are kept", schema: versionListSchema } },
    refusals: ["not_found", "conflict"],
    async handle({ userId, params: { id, number } }) {
      const infos = await versions.list(userId, id, number);
      return { status: 200, json: { versions: infos.map(versionJson) } };
    },
  });

  const diff = defineRoute({
    id: "diffVersions",
    method: "GET",
    path: "/api/books/:id/chapters/:number/diff",
    summary:
      "What changed between two versions; by default between the one before and the current one",
    access: "user",
    bucket: "read",
    params: chapterParams,
    query: diffQuery,
    answers: { 200: { description: "A unified diff", media: ["text/plain"] } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id, number }, query }) => ({
      status: 200,
      body: await versions.diff(userId, id, number, query),
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "private, no-cache",
      },
    }),
  });

  const edit = defineRoute({
    id: "editChapter",
    method: "POST",
    path: "/api/books/:id/chapters/:number/edit",
    summary: "Replaces the text of a finished chapter, or its title, by a new version",
    access: "user",
    bucket: "write",
    params: chapterParams,
    body: editSchema,
    answers: { 200: { description: "The new version", schema: chapterChangeSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id, number }, body }) => ({
      status: 200,
      json: changeJson(await versions.edit(userId, id, number, body)),
    }),
  });

  const revert = defineRoute({
    id: "revertChapter",
    method: "POST",
    path: "/api/books/:id/chapters/:number/revert",
    summary: "Makes the text of an earlier version count again, as a new one",
    access: "user",
    bucket: "write",
    params: chapterParams,
    body: revertSchema,
    answers: { 200: { description: "The new version", schema: chapterChangeSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id, number }, body: { version } }) => ({
      status: 200,
      json: changeJson(await versions.revert(userId, id, number, version)),
    }),
  });

  const estimate = defineRoute({
    id: "estimateChapter",
    method: "GET",
    path: "/api/books/:id/chapters/:number/estimate",
    summary: "What writing this chapter again would likely take; nothing is bought",
    access: "user",
    bucket: "read",
    params: chapterParams,
    answers: { 200: { description: "Ranges", schema: estimateSchema } },
    refusals: ["not_found", "conflict"],
    handle: async ({ userId, params: { id, number } }) => ({
      status: 200,
      json: estimateJson(await versions.estimate(userId, id, [number])),
    }),
  });

  const regenerate = defineRoute({
    id: "regenerateChapter",
    method: "POST",
    path: "/api/books/:id/chapters/:number/regenerate",
    summary: "Has a finished chapter written again; its text counts until the new one is whole",
    access: "user",
    bucket: "write",
    params: chapterParams,
    body: resumeSchema,
    answers: { 202: { description: "It is in line", schema: rewriteSchema } },
    refusals: ["not_found", "conflict"],
    async handle({ userId, params: { id, number }, body: limits }) {
      const { taskId } = await versions.regenerate(userId, id, number, limits);
      return { status: 202, json: { book_id: id, task_id: taskId } };
    },
  });

  const task = defineRoute({
    id: "getTask",
    method: "GET",
    path: "/api/books/:id/tasks/:task",
    summary: "How the writing of one chapter stands: for those who missed the message of its end",
    access: "user",
    bucket: "read",
    params: taskParams,
    answers: { 200: { description: "The task", schema: taskSchema } },
    refusals: ["not_found"],
    handle: async ({ userId, params: { id, task: taskId } }) => ({
      status: 200,
      json: taskJson(id, taskId, await versions.task(userId, id, taskId)),
    }),
  });

  return [list, diff, edit, revert, estimate, regenerate, task];
}
