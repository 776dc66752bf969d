/** What a page bundles that draws for itself. */
export * from "./solid-none.js";
export {
  InkwireProvider,
  onMessage,
  useBookGenerationUpdates,
  useBooks,
  useChapterText,
  useConnection,
  useMessages,
  useNotifications,
  useToasts,
} from "../../src/solid/index.js";
