import {
  isInkwireError,
  type InboxUpdate,
  type InkwireError,
  type NotificationData,
} from "@inkwire/core/protocol";
import { createStore } from "../store.js";
import { nextPage, pageSize, type PagedState, type PagedStore } from "./pages.js";
import { createReplica, isOwnTopic, type ReadOptions, type StoreClient } from "./replica.js";
import { requestJson, unexpected, type Json } from "./request-json.js";

export interface InboxState extends PagedState {
  /** Newest first, with what was just asked for already done. */
  readonly notifications: readonly NotificationData[];
  /** Of the whole inbox, as the server counts: it follows a moment after a change. `undefined` before the first answer. */
  readonly unread: number | undefined;
}

export interface Inbox extends PagedStore<InboxState> {
  /** At once here, and taken back when the server does not do it: then it rejects, and `error` says why. */
  read(id: string): Promise<void>;
  readAll(): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Something that was asked for and not answered yet. */
type Change = (notifications: readonly NotificationData[]) => readonly NotificationData[];

const PAGE = 50;

/** The stored notifications of the user, the same in all tabs and on all devices. */
export function createInbox(client: StoreClient, options: ReadOptions = {}): Inbox {
  const now = (): string => new Date(options.clock?.now() ?? Date.now()).toISOString();
  const replica = createReplica<InboxState>(client, {
    ...options,
    path: ({ notifications }) => `api/notifications?limit=${pageSize(notifications.length, PAGE)}`,
    types: ["notification", "inbox_update"],
    concerns: isOwnTopic,
    initial: { notifications: [], unread: undefined, next: undefined },
    take: (state, answer) => ({ ...state, ...parsePage(answer) }),
    apply(state, { type, time, data }) {
      const { notifications } = state;
      if (type === "notification") {
        const added = data as NotificationData;
        const isKnown = notifications.some(({ id }) => id === added.id);
        return isKnown ? state : { ...state, notifications: [added, ...notifications] };
      }
      const { unread, read = [], removed = [] } = data as InboxUpdate;
      const kept = removing((id) => removed.includes(id))(notifications);
      return { ...state, unread, notifications: reading((id) => read.includes(id), time)(kept) };
    },
  });

  // What the server has said, and on top of it what it has not answered yet: a refusal only takes away its own change.
  const changes = new Set<Change>();
  const shown = createStore(replica.get());
  const show = (): void => {
    const state = replica.get();
    let { notifications } = state;
    for (const change of changes) notifications = change(notifications);
    shown.set(notifications === state.notifications ? state : { ...state, notifications });
  };
  replica.subscribe(show);

  async function ask(change: Change, method: string, path: string): Promise<void> {
    changes.add(change);
    show();
    let error: InkwireError | undefined;
    try {
      await requestJson(client, `api/notifications/${path}`, { method });
      // Its answer has a count, too, but may come after a newer one. The stream is in order; without it, ask.
      if (client.state.get().status !== "live") replica.refresh();
    } catch (thrown) {
      if (!isInkwireError(thrown)) throw thrown;
      // Somebody else has removed it.
      if (thrown.code !== "not_found") error = thrown;
    } finally {
      changes.delete(change);
      const state = replica.get();
      const notifications = error === undefined ? change(state.notifications) : state.notifications;
      replica.set({ ...state, notifications, error });
      show();
    }
    if (error !== undefined) throw error;
  }

  return {
    get: () => shown.get(),
    subscribe: (listener) => shown.subscribe(listener),
    refresh: replica.refresh,
    close: replica.close,
    loadMore: nextPage(client, replica, `api/notifications?limit=${PAGE}`, (state, answer) => {
      const { notifications, ...rest } = parsePage(answer);
      const known = new Set(state.notifications.map(({ id }) => id));
      const more = notifications.filter(({ id }) => !known.has(id));
      return { ...state, ...rest, notifications: [...state.notifications, ...more] };
    }),
    read: (id) =>
      ask(
        reading((other) => other === id, now()),
        "POST",
        `${encodeURIComponent(id)}/read`,
      ),
    readAll: () =>
      ask(
        reading(() => true, now()),
        "POST",
        "read-all",
      ),
    remove: (id) =>
      ask(
        removing((other) => other === id),
        "DELETE",
        encodeURIComponent(id),
      ),
  };
}

const reading =
  (isMeant: (id: string) => boolean, readAt: string): Change =>
  (notifications) =>
    notifications.map((one) =>
      one.read_at === undefined && isMeant(one.id) ? { ...one, read_at: readAt } : one,
    );

const removing =
  (isMeant: (id: string) => boolean): Change =>
  (notifications) =>
    notifications.filter(({ id }) => !isMeant(id));

function parsePage({ notifications, unread, next }: Json): Omit<InboxState, "isLoading" | "error"> {
  const isPage =
    Array.isArray(notifications) &&
    notifications.every((one: Json | null) => typeof one?.["id"] === "string") &&
    typeof unread === "number";
  if (!isPage) throw unexpected("inbox");
  return { notifications, unread, next: typeof next === "string" ? next : undefined };
}
