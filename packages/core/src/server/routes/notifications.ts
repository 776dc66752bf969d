import * as v from "valibot";
import type { Inbox } from "../../notifications/inbox.js";
import { defineRoute, type Route } from "../route.js";
import { digits } from "../schemas/common.js";
import { inboxPageSchema, notificationParams, unreadSchema } from "../schemas/notification.js";

/** The inbox of whoever calls. */
export function notificationRoutes(inbox: Inbox): readonly Route[] {
  const list = defineRoute({
    id: "listNotifications",
    method: "GET",
    path: "/api/notifications",
    summary: "Your notifications, newest first",
    access: "user",
    bucket: "read",
    query: v.strictObject({
      unread: v.pipe(
        v.optional(v.picklist(["", "true", "false"], "expected true or false"), "false"),
        v.transform((value) => value !== "false"),
      ),
      cursor: v.optional(v.pipe(v.string(), v.maxLength(64))),
      limit: v.optional(digits(1, 100), "50"),
    }),
    answers: { 200: { description: "One page", schema: inboxPageSchema } },
    async handle({ userId, query: { unread, cursor, limit } }) {
      const page = await inbox.list(userId, { unread, cursor, limit });
      return {
        status: 200,
        json: {
          notifications: page.notifications,
          unread: page.unread,
          ...(page.next !== undefined && { next: page.next }),
        },
      };
    },
  });

  const read = defineRoute({
    id: "readNotification",
    method: "POST",
    path: "/api/notifications/:id/read",
    summary: "Marks one as read; twice is once",
    access: "user",
    bucket: "write",
    params: notificationParams,
    answers: { 200: { description: "How many are unread now", schema: unreadSchema } },
    refusals: ["not_found"],
    handle: async ({ userId, params: { id } }) => ({
      status: 200,
      json: { unread: await inbox.read(userId, id) },
    }),
  });

  const readAll = defineRoute({
    id: "readAllNotifications",
    method: "POST",
    path: "/api/notifications/read-all",
    summary: "Marks all as read",
    access: "user",
    bucket: "write",
    answers: { 200: { description: "How many are unread now", schema: unreadSchema } },
    handle: async ({ userId }) => ({ status: 200, json: { unread: await inbox.readAll(userId) } }),
  });

  const remove = defineRoute({
    id: "deleteNotification",
    method: "DELETE",
    path: "/api/notifications/:id",
    summary: "Deletes one",
    access: "user",
    bucket: "write",
    params: notificationParams,
    answers: { 200: { description: "How many are unread now", schema: unreadSchema } },
    refusals: ["not_found"],
    handle: async ({ userId, params: { id } }) => ({
      status: 200,
      json: { unread: await inbox.remove(userId, id) },
    }),
  });

  return [list, read, readAll, remove];
}
