import * as v from "valibot";
import type { Notifier } from "../../notifications/notifier.js";
import { InkwireError } from "../../protocol/index.js";
import { defineRoute, type Route } from "../route.js";
import {
  announcementsSchema,
  newAnnouncementSchema,
  notificationParams,
} from "../schemas/notification.js";

/** What everybody is told: for those who come later to read, and for the operator to say. */
export function announcementRoutes(
  notify: Pick<Notifier, "announcements" | "system" | "maintenance" | "withdraw">,
): readonly Route[] {
  const list = defineRoute({
    id: "listAnnouncements",
    method: "GET",
    path: "/api/announcements",
    summary: "What is scheduled and not over, oldest first",
    access: "user",
    bucket: "read",
    answers: { 200: { description: "All of them", schema: announcementsSchema } },
    handle: async () => ({ status: 200, json: { announcements: await notify.announcements() } }),
  });

  const create = defineRoute({
    id: "announce",
    method: "POST",
    path: "/api/announcements",
    summary: "Tells everybody; what has a time also tells those who connect before it has passed",
    access: "admin",
    bucket: "write",
    body: newAnnouncementSchema,
    answers: { 201: { description: "It is told", schema: v.object({ id: v.string() }) } },
    async handle({
      body: { kind, title, message, scheduled_time: scheduledTime, ends_at: endsAt },
    }) {
      if (kind === "notice") {
        const id = await notify.system({ title, message, scheduledTime, endsAt });
        return { status: 201, json: { id } };
      }
      if (scheduledTime === undefined) {
        throw new InkwireError(
          "invalid_request",
          "scheduled_time: expected a time, since a maintenance has one",
        );
      }
      const id = await notify.maintenance({ title, message, scheduledTime, endsAt });
      return { status: 201, json: { id } };
    },
  });

  const withdraw = defineRoute({
    id: "withdrawAnnouncement",
    method: "DELETE",
    path: "/api/announcements/:id",
    summary: "Tells nobody any more who connects from now on",
    access: "admin",
    bucket: "write",
    params: notificationParams,
    answers: { 204: { description: "It is withdrawn" } },
    refusals: ["not_found"],
    async handle({ params: { id } }) {
      if (await notify.withdraw(id)) return { status: 204 };
      throw new InkwireError("not_found", "There is no such announcement.");
    },
  });

  return [list, create, withdraw];
}
