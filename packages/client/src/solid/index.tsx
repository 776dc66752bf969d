/**
 * inkwire in Solid: a provider that follows the login, what arrives as signals, and components to show it.
 *
 * The components look like nothing without `@inkwire/client/theme.css`, or a style of yours.
 */
export {
  ClientProvider,
  InkwireProvider,
  type ClientProviderProps,
  type InkwireProviderProps,
} from "./provider.js";
export { useClient } from "./context.js";
export { fromStore } from "./from-store.js";
export type { View } from "./shared.js";
export type { MaybeAccessor } from "./primitives/access.js";
export { useConnection, type Connection } from "./primitives/connection.js";
export { useBookGenerationUpdates } from "./primitives/book-progress.js";
export { useBooks } from "./primitives/books.js";
export { useChapterText } from "./primitives/chapter-text.js";
export { onMessage, useMessages, type Messages } from "./primitives/messages.js";
export { useNotifications } from "./primitives/notifications.js";
export { useToasts } from "./primitives/toasts.js";
export { defaultLabels, type Labels } from "./labels.js";
export { passFocus } from "./components/focus.js";
export type { ComponentProps } from "./components/common.js";
export { ConnectionStatus, type ConnectionStatusProps } from "./components/ConnectionStatus.js";
export {
  BookGenerationProgress,
  type BookGenerationProgressProps,
} from "./components/BookGenerationProgress.js";
export { NotificationBell } from "./components/NotificationBell.js";
export {
  ProgressTracker,
  type ProgressTrackerProps,
  type TrackedBook,
} from "./components/ProgressTracker.js";
export { Toaster } from "./components/Toaster.js";
