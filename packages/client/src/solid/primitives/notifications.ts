import { createInbox, type Inbox, type InboxState } from "@inkwire/client";
import { useStore, type View } from "../shared.js";
import { withKeyed } from "./keyed.js";

type InboxMethods = Pick<Inbox, "read" | "readAll" | "remove" | "loadMore" | "refresh">;

/**
 * The inbox of the user, the same in all tabs and on all devices. What is asked for shows at once, and is taken back when
 * the server does not do it: then `error` says why, and the promise rejects.
 */
export function useNotifications(): View<InboxState, InboxMethods> {
  const view = useStore({
    key: () => "inbox",
    make: (client) => createInbox(client),
    empty: (isLoading): InboxState => ({
      notifications: [],
      unread: undefined,
      next: undefined,
      isLoading,
      error: undefined,
    }),
    methods: (store): InboxMethods => ({
      read: async (id) => store()?.read(id),
      readAll: async () => store()?.readAll(),
      remove: async (id) => store()?.remove(id),
      loadMore: async () => store()?.loadMore(),
      refresh: () => store()?.refresh(),
    }),
  });
  return withKeyed(view, "notifications", "id");
}
