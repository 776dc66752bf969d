import {
  bookMessages,
  describeIssues,
  InkwireError,
  type NotificationData,
} from "../protocol/index.js";

/** What a notification says. */
export interface NotificationText {
  /** At most 200 characters. */
  readonly title: string;
  /** At most 2,000 characters. */
  readonly message: string;
  /** Where a click leads: a path such as `/books/7`, or an `http(s):` address. @default nowhere */
  readonly actionUrl?: string | undefined;
  /**
   * Two with one id are one notification, also if the first was removed meanwhile; 1 to 64 characters. Give one where
   * telling twice would be wrong. @default a random one
   */
  readonly id?: string | undefined;
}

export interface NewNotification extends NotificationText {
  readonly type: NotificationData["type"];
  /** @default "general" */
  readonly kind?: NotificationData["kind"];
  /** The id of the badge that it tells of. */
  readonly badge?: string | undefined;
}

/**
 * The message of a new notification.
 *
 * @throws InkwireError `invalid_message` for a text that is too long, or a link that is neither a path nor `http(s):`, such
 *   as one that runs a script.
 */
export async function makeNotification(
  asked: NewNotification,
  { id, createdAtMs }: { readonly id: string; readonly createdAtMs: number },
): Promise<NotificationData> {
  const { type, title, message, actionUrl, kind = "general", badge } = asked;
  if (actionUrl !== undefined && !isLink(actionUrl)) {
    throw new InkwireError(
      "invalid_message",
      "actionUrl: expected a path such as /books/7, or an http(s) address",
    );
  }
  const result = await bookMessages.notification.schema["~standard"].validate({
    id: asked.id ?? id,
    title,
    message,
    type,
    kind,
    action_url: actionUrl,
    badge,
    created_at: new Date(createdAtMs).toISOString(),
  });
  if (result.issues === undefined) return result.value;
  throw new InkwireError("invalid_message", describeIssues(result.issues));
}

/** `//host` and `/\host` look like paths and are other places; control characters are dropped by browsers before they look. */
function isLink(link: string): boolean {
  if (/[\p{Cc}\s\\]/u.test(link)) return false;
  if (link.startsWith("/")) return !link.startsWith("//");
  const protocol = URL.parse(link)?.protocol;
  return protocol === "http:" || protocol === "https:";
}
