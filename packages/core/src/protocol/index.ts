export { isTerminalStatus, joinChapterText, MAX_CHAPTER_TEXT } from "./book-messages.js";
export {
  bookMessages,
  type BookDeleted,
  type BookGenerationUpdate,
  type BookMessage,
  type BookMessages,
  type BookStatus,
  type ChapterText,
  type InboxUpdate,
  type NotificationData,
  type SystemNotificationData,
} from "./catalog.js";
export {
  isControlType,
  type ControlData,
  type ControlMessage,
  type ControlType,
  type GoodbyeReason,
  type ResumeVerdict,
} from "./control.js";
export { encodeCursor, isEpoch, parseCursor, type Cursor, type CursorParts } from "./cursor.js";
export {
  InkwireError,
  isInkwireError,
  toWireError,
  type ErrorCode,
  type InkwireErrorOptions,
  type WireError,
} from "./errors.js";
export {
  append,
  defineMessage,
  defineMessages,
  durable,
  ephemeral,
  latest,
  RESERVED_PREFIX,
  type AppendDelivery,
  type Catalog,
  type Delivery,
  type DeliveryClass,
  type LatestDelivery,
  type Message,
  type MessageData,
  type MessageDefinition,
  type MessageInput,
  type MessageOf,
  type MessageType,
} from "./message.js";
export {
  isRefusalCode,
  mayReconnect,
  refusals,
  type Refusal,
  type RefusalCode,
} from "./refusals.js";
export {
  describeIssues,
  type SchemaInput,
  type SchemaIssue,
  type SchemaOutput,
  type SchemaResult,
  type StandardSchema,
} from "./schema.js";
export { encodeSse, encodeSseComment, type SseEvent } from "./sse.js";
export { ALL, bookTopic, isTopic, makeTopic, userTopic, type Topic } from "./topic.js";
