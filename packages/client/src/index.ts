/**
 * Messages of an inkwire server, each handler called exactly once and in order, over SSE or WebSocket.
 *
 * `@inkwire/client/sse` is the same with SSE alone, smaller; `@inkwire/client/testing` has doubles for tests.
 */
export { createClient } from "./create-client.js";
export {
  bookTopic,
  isControlType,
  isTerminalStatus,
  joinChapterText,
  mayReconnect,
  parseCursor,
  refusals,
  userTopic,
  type BookDeleted,
  type BookGenerationUpdate,
  type BookMessage,
  type BookMessages,
  type BookStatus,
  type Catalog,
  type ChapterText,
  type ControlData,
  type ControlMessage,
  type ControlType,
  type Cursor,
  type InboxUpdate,
  type Message,
  type MessageData,
  type MessageOf,
  type NotificationData,
  type Refusal,
  type RefusalCode,
  type ResumeVerdict,
  type SystemNotificationData,
  type Topic,
} from "@inkwire/core/protocol";
export type { Clock, Lifecycle, LifecycleEvent, Storage } from "./environment.js";
export { createBookList, type BookListState } from "./stores/book-list.js";
export { createBookProgress, type BookProgress } from "./stores/book-progress.js";
export type { BookSummary } from "./stores/book-state.js";
export { createChapterText, type ChapterTextState } from "./stores/chapter-text.js";
export { createInbox, type Inbox, type InboxState } from "./stores/inbox.js";
export { safeLink } from "./stores/link.js";
export { createMessageLog, type MessageLog, type MessageLogOptions } from "./stores/message-log.js";
export type { PagedState, PagedStore } from "./stores/pages.js";
export type { ReadOptions, ReadState, ReadStore, StoreClient } from "./stores/replica.js";
export { timeToReadMs, type Toast, type ToastAction } from "./stores/toast.js";
export {
  createToasts,
  type Toasts,
  type ToastsOptions,
  type ToastsState,
} from "./stores/toasts.js";
export { requestJson, type Json } from "./stores/request-json.js";
export { createStore, type Store, type WritableStore } from "./store.js";
export type {
  Client,
  ClientCounts,
  ClientOptions,
  ConnectionState,
  ConnectionStatus,
  CreateClient,
  Gap,
  MessagesOptions,
  SignalOption,
  TokenRequest,
  TransportName,
} from "./types.js";
export type { Claims } from "./tabs/claims.js";
