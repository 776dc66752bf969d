import { bookMessages, type NotificationData } from "@inkwire/core/protocol";
import * as v from "valibot";
import { checkJson } from "./check-json.js";

/** As the protocol says it: the same schema as on the wire. */
const notification = v.custom<NotificationData>((value) => {
  const result = bookMessages.notification.schema["~standard"].validate(value);
  return !("then" in result) && result.issues === undefined;
});

const pageSchema = v.object({
  notifications: v.array(notification),
  unread: v.pipe(v.number(), v.minValue(0)),
  next: v.optional(v.string()),
});

/** A page of the inbox as the API answers it. @throws InkwireError `invalid_message` */
export const readInboxJson = (value: unknown) => checkJson(pageSchema, value);
