/**
 * The messages of an inkwire server, for programs that read them: their types, and the few functions that both ends
 * must agree on. The connection itself (reconnect, resume, one connection for all tabs) comes with the next releases;
 * until then these types go with any `EventSource` or WebSocket.
 */
export {
  bookTopic,
  isControlType,
  isTerminalStatus,
  joinChapterText,
  mayReconnect,
  parseCursor,
  refusals,
  userTopic,
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
