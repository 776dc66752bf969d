import * as v from "valibot";
import { count, time } from "./common.js";

export const notificationId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** As `notification` on the wire (docs/protocol.md, "Messages"). */
export const notificationSchema = v.object({
  id: notificationId,
  title: v.string(),
  message: v.string(),
  type: v.picklist(["info", "success", "warning", "error"]),
  action_url: v.exactOptional(v.string()),
  kind: v.exactOptional(v.picklist(["general", "welcome", "badge", "book"])),
  badge: v.exactOptional(v.string()),
  created_at: v.exactOptional(time),
  read_at: v.exactOptional(time),
});

export const inboxPageSchema = v.object({
  notifications: v.pipe(v.array(notificationSchema), v.description("Newest first")),
  unread: v.pipe(count, v.description("Of the whole inbox")),
  next: v.exactOptional(v.pipe(v.string(), v.description("The cursor of the next page"))),
});

export const unreadSchema = v.object({ unread: count });

export const notificationParams = v.object({ id: notificationId });

/** As `system_notification` on the wire. */
export const announcementSchema = v.object({
  id: v.exactOptional(v.string()),
  title: v.string(),
  message: v.string(),
  scheduled_time: v.exactOptional(v.string()),
  kind: v.exactOptional(v.picklist(["maintenance", "notice"])),
  ends_at: v.exactOptional(v.string()),
});

export const announcementsSchema = v.object({ announcements: v.array(announcementSchema) });

export const newAnnouncementSchema = v.strictObject({
  kind: v.optional(
    v.picklist(["maintenance", "notice"], "expected maintenance or notice"),
    "notice",
  ),
  title: v.pipe(v.string("expected text"), v.minLength(1), v.maxLength(200)),
  message: v.pipe(v.string("expected text"), v.minLength(1), v.maxLength(2_000)),
  scheduled_time: v.optional(
    v.pipe(v.string("expected a time"), v.isoTimestamp("expected a time in ISO 8601")),
  ),
  ends_at: v.optional(
    v.pipe(v.string("expected a time"), v.isoTimestamp("expected a time in ISO 8601")),
  ),
});
