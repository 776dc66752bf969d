import * as v from "valibot";
import type { Notifier } from "../../notifications/notifier.js";
import type { NotificationData } from "../../protocol/index.js";
import { defineRoute, type Route } from "../route.js";
import { userId } from "../schemas/common.js";

export interface TestRouteDeps {
  readonly notify: Pick<Notifier, "inbox">;
  /** Publishes a message of any type of the catalog. @throws InkwireError `invalid_message`; gives back its cursor. */
  readonly publish: (userId: string, type: string, data: unknown) => Promise<string>;
  readonly uuid: () => string;
}

const body = v.strictObject({
  user_id: userId,
  type: v.optional(v.pipe(v.string("expected a message type"), v.maxLength(64)), "notification"),
  data: v.optional(v.record(v.string(), v.unknown(), "expected an object"), {}),
});

/**
 * The endpoint for tests by hand: any message to any user. A `notification` is a real one, stored in the inbox, and needs no
 * data.
 */
export function testRoutes({ notify, publish, uuid }: TestRouteDeps): readonly Route[] {
  const send = defineRoute({
    id: "sendTestNotification",
    method: "POST",
    path: "/api/test/notification",
    summary: "Sends a message of any type to any user, to see that it arrives",
    access: "admin",
    bucket: "write",
    body,
    answers: {
      202: {
        description: "It is sent",
        schema: v.object({
          type: v.string(),
          id: v.pipe(v.string(), v.description("Of the notification, else the message's cursor")),
        }),
      },
    },
    async handle({ body: { user_id: user, type, data } }) {
      if (type !== "notification") {
        return { status: 202, json: { type, id: await publish(user, type, data) } };
      }
      const given = data as Partial<NotificationData>;
      const id = given.id ?? uuid();
      await notify.inbox.add(user, {
        id,
        title: given.title ?? "A test",
        message: given.message ?? "If you can read this, notifications arrive.",
        type: given.type ?? "info",
        kind: given.kind,
        badge: given.badge,
        actionUrl: given.action_url,
      });
      return { status: 202, json: { type, id } };
    },
  });
  return [send];
}
