import { isTerminalStatus, joinChapterText, MAX_CHAPTER_TEXT } from "./book-messages.js";
import {
  append,
  defineMessage,
  defineMessages,
  durable,
  latest,
  type MessageOf,
} from "./message.js";
import type { SchemaOutput } from "./schema.js";
import { flag, instant, list, number, object, oneOf, text } from "./shapes.js";

const bookId = number({ min: 1, max: Number.MAX_SAFE_INTEGER, integer: true });
const count = number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });

const problem = object({
  code: text({ min: 1, max: 64 }),
  message: text({ max: 1000 }),
  retryable: flag(),
});

const bookGenerationUpdate = object(
  {
    book_id: bookId,
    task_id: text({ min: 1, max: 128 }),
    status: oneOf("queued", "processing", "completed", "failed", "cancelled"),
    progress: number({ min: 0, max: 100 }),
    message: text({ max: 1000 }),
  },
  {
    current_step: text({ max: 200 }),
    book_title: text({ max: 500 }),
    step_index: count,
    step_count: count,
    attempt: number({ min: 1, max: 1000, integer: true }),
    retry_at: instant(),
    eta_seconds: number({ min: 0 }),
    words: count,
    tokens: count,
    cost_usd: number({ min: 0 }),
    eta_low_seconds: number({ min: 0 }),
    eta_high_seconds: number({ min: 0 }),
    estimated: flag(),
    error: problem,
    paused: problem,
  },
);

const bookDeleted = object({ book_id: bookId });

const notification = object(
  {
    id: text({ min: 1, max: 64 }),
    title: text({ max: 200 }),
    message: text({ max: 2000 }),
    type: oneOf("info", "success", "warning", "error"),
  },
  {
    action_url: text({ max: 2000 }),
    kind: oneOf("general", "welcome", "badge", "book"),
    badge: text({ max: 64 }),
    created_at: instant(),
    read_at: instant(),
  },
);

const systemNotification = object(
  { title: text({ max: 200 }), message: text({ max: 2000 }) },
  {
    id: text({ min: 1, max: 64 }),
    scheduled_time: instant(),
    kind: oneOf("maintenance", "notice"),
    ends_at: instant(),
  },
);

const chapterText = object({
  book_id: bookId,
  chapter: number({ min: 1, max: 10_000, integer: true }),
  offset: count,
  text: text({ max: MAX_CHAPTER_TEXT }),
  done: flag(),
});

/** No inbox keeps more. */
const MAX_NOTIFICATION_IDS = 1000;
const notificationIds = list(text({ min: 1, max: 64 }), MAX_NOTIFICATION_IDS);
const inboxUpdate = object({ unread: count }, { read: notificationIds, removed: notificationIds });

/**
 * The messages of inkwire itself (docs/protocol.md). Spread it into an application's own:
 * `defineMessages({ ...bookMessages, order_shipped: … })`.
 */
export const bookMessages = defineMessages({
  book_generation_update: defineMessage(
    bookGenerationUpdate,
    latest((data) => data.book_id, { durable: (data) => isTerminalStatus(data.status) }),
  ),
  book_deleted: defineMessage(bookDeleted, durable()),
  notification: defineMessage(notification, durable()),
  system_notification: defineMessage(systemNotification, durable()),
  chapter_text: defineMessage(
    chapterText,
    append((data) => `${data.book_id}.${data.chapter}`, joinChapterText),
  ),
  inbox_update: defineMessage(
    inboxUpdate,
    append(() => "", joinInboxUpdates),
  ),
});

/** The catalog of the messages that inkwire itself sends. */
export type BookMessages = typeof bookMessages;
/** Any message of that catalog, told apart by its `type`. */
export type BookMessage = MessageOf<BookMessages>;
/** How far a book is, and what is being done. */
export type BookGenerationUpdate = SchemaOutput<typeof bookGenerationUpdate>;
/** Where a book is: waiting, being written, or at one of its three ends. */
export type BookStatus = BookGenerationUpdate["status"];
/** A book that is gone for good. */
export type BookDeleted = SchemaOutput<typeof bookDeleted>;
/** One notification of an inbox. */
export type NotificationData = SchemaOutput<typeof notification>;
/** Something that concerns everybody, such as maintenance. */
export type SystemNotificationData = SchemaOutput<typeof systemNotification>;
/** A piece of a chapter that is being written, and where in it it stands. */
export type ChapterText = SchemaOutput<typeof chapterText>;
/** What changed in an inbox: the count as the server has it, and what was read or removed. */
export type InboxUpdate = SchemaOutput<typeof inboxUpdate>;

/** Two changes of one inbox as one: the newer count, and everything that was read or removed in either. */
function joinInboxUpdates(older: InboxUpdate, newer: InboxUpdate): InboxUpdate | undefined {
  const read = [...new Set([...(older.read ?? []), ...(newer.read ?? [])])];
  const removed = [...new Set([...(older.removed ?? []), ...(newer.removed ?? [])])];
  if (read.length > MAX_NOTIFICATION_IDS || removed.length > MAX_NOTIFICATION_IDS) return undefined;
  return {
    unread: newer.unread,
    ...(read.length === 0 ? {} : { read }),
    ...(removed.length === 0 ? {} : { removed }),
  };
}
