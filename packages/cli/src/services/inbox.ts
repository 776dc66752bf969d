import { createBus, createNotifier, openHome } from "@inkwire/core";
import { bookMessages, type NotificationData } from "@inkwire/core/protocol";
import type { Runtime } from "../runtime.js";
import { homeDirectory } from "./home-directory.js";
import { namedServer, type ServerFlags } from "./remote/server-address.js";
import { createWarnings } from "./warnings.js";

/** A user's notifications, wherever they are. */
export interface OpenInbox extends AsyncDisposable {
  /** All of them, newest first. */
  list(onlyUnread: boolean): Promise<{
    readonly notifications: readonly NotificationData[];
    readonly unread: number;
  }>;
  /** @throws InkwireError `not_found` */
  read(id: string): Promise<unknown>;
  readAll(): Promise<unknown>;
  /** @throws InkwireError `not_found` */
  remove(id: string): Promise<unknown>;
}

interface Page {
  readonly notifications: readonly NotificationData[];
  readonly unread: number;
  readonly next?: string | undefined;
}

/** The inbox of the server that was named, else that of this home. */
export async function openInbox(runtime: Runtime, flags: ServerFlags): Promise<OpenInbox> {
  const server = namedServer(runtime, flags);
  return server === undefined
    ? openHomeInbox(runtime, flags)
    : openServerInbox(runtime, flags, server);
}

async function openHomeInbox(runtime: Runtime, flags: ServerFlags): Promise<OpenInbox> {
  const warnings = createWarnings(runtime);
  const home = await openHome(homeDirectory(runtime, flags));
  const bus = createBus({ messages: bookMessages });
  const { inbox } = createNotifier({ bus, home, onProblem: (problem) => warnings.tell(problem) });
  const owner = "local";
  return {
    list: (unread) => readPages((cursor) => inbox.list(owner, { unread, cursor, limit: 100 })),
    read: (id) => inbox.read(owner, id),
    readAll: () => inbox.readAll(owner),
    remove: (id) => inbox.remove(owner, id),
    async [Symbol.asyncDispose]() {
      await bus.close();
      await home.close();
    },
  };
}

async function openServerInbox(runtime: Runtime, flags: ServerFlags, url: URL): Promise<OpenInbox> {
  const { openClient } = await import("./remote/open-remote-session.js");
  const { createApi } = await import("./remote/api.js");
  const { readInboxJson } = await import("./remote/read-inbox-json.js");
  const client = await openClient(runtime, flags, url, () => {});
  const api = createApi(client);
  const path = (id: string, rest = "") => `api/notifications/${encodeURIComponent(id)}${rest}`;
  return {
    list: (unread) =>
      readPages(async (cursor) => {
        const query = new URLSearchParams({ limit: "100" });
        if (unread) query.set("unread", "true");
        if (cursor !== undefined) query.set("cursor", cursor);
        return readInboxJson(await api.json("GET", `api/notifications?${query}`));
      }),
    read: (id) => api.json("POST", path(id, "/read")),
    readAll: () => api.json("POST", "api/notifications/read-all"),
    remove: (id) => api.json("DELETE", path(id)),
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

async function readPages(read: (cursor: string | undefined) => Promise<Page>) {
  const notifications: NotificationData[] = [];
  for (let cursor: string | undefined; ;) {
    const page: Page = await read(cursor);
    notifications.push(...page.notifications);
    cursor = page.next;
    if (cursor === undefined) return { notifications, unread: page.unread };
  }
}
