import type { Bus } from "../bus/types.js";
import {
  InkwireError,
  isInkwireError,
  userTopic,
  type BookMessages,
  type InboxUpdate,
  type NotificationData,
} from "../protocol/index.js";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";
import type { Exclusive } from "./exclusive.js";
import {
  addItem,
  changesBetween,
  EMPTY_INBOX,
  findItem,
  inboxSchema,
  markRead,
  pageOf,
  prune,
  removeItems,
  unreadCount,
  type InboxState,
  type Retention,
} from "./inbox-state.js";
import { makeNotification, type NewNotification } from "./notification.js";
import { userKey } from "./user-key.js";

export interface InboxListOptions {
  /** Only what was not read yet. @default false */
  readonly unread?: boolean | undefined;
  /** `next` of the page before. @default the newest */
  readonly cursor?: string | undefined;
  /** 1 to 100. @default 50 */
  readonly limit?: number | undefined;
}

export interface InboxPage {
  /** Newest first. */
  readonly notifications: readonly NotificationData[];
  /** Of the whole inbox. */
  readonly unread: number;
  /** Where the next page begins; `undefined` on the last one. What comes or goes meanwhile moves nothing. */
  readonly next: string | undefined;
}

/**
 * The stored notifications of users. Each change is told on `user/<id>`: a new one as `notification`, and all of them as
 * `inbox_update` with the server's own count. Any number of processes may change one inbox.
 *
 * Every call: @throws InkwireError `invalid_request` for what is no user id.
 */
export interface Inbox {
  /** Stores and tells. `false` when one with its id is or was there: then nothing happens. @throws `invalid_message` */
  add(userId: string, notification: NewNotification): Promise<boolean>;
  /** @throws InkwireError `invalid_cursor`, and `invalid_request` for a limit out of its range. */
  list(userId: string, options?: InboxListOptions): Promise<InboxPage>;
  unread(userId: string): Promise<number>;
  /** Gives back how many are unread now; reading twice changes nothing. @throws InkwireError `not_found` */
  read(userId: string, id: string): Promise<number>;
  readAll(userId: string): Promise<number>;
  /** Gives back how many are unread now. @throws InkwireError `not_found` */
  remove(userId: string, id: string): Promise<number>;
}

export interface InboxDeps {
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  readonly home: Home;
  readonly exclusive: Exclusive;
  readonly retention: Retention;
  readonly now: () => number;
  readonly uuid: () => string;
  readonly onProblem: (problem: unknown) => void;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

export function createInbox(deps: InboxDeps): Inbox {
  const { bus, exclusive, retention, now, uuid, onProblem } = deps;
  // One record for each user: a change is one write, whole or not at all.
  const records = createRecords<InboxState>({
    storage: deps.home.storage,
    prefix: "inboxes",
    version: 1,
    schema: inboxSchema,
  });

  const load = async (key: string): Promise<InboxState> => {
    try {
      return (await records.get(key)) ?? EMPTY_INBOX;
    } catch (error) {
      if (!isInkwireError(error, "record_damaged")) throw error;
      // It is in quarantine now; an inbox that begins anew is better than one that stays shut.
      onProblem(error);
      return EMPTY_INBOX;
    }
  };

  const view = async (userId: string): Promise<InboxState> =>
    prune(await load(userKey(userId)), retention, now());

  /** What is stored counts; a message that could not go out is told to the operator, and the reader lists again. */
  const tell = async (userId: string, added: NotificationData | undefined, update: InboxUpdate) => {
    const topic = userTopic(userId);
    try {
      if (added !== undefined) await bus.publish(topic, "notification", added);
      await bus.publish(topic, "inbox_update", update);
    } catch (error) {
      onProblem(error);
    }
  };

  /** Told before the next change may begin, so that the newest count is the last one told. */
  const change = (userId: string, mutate: (inbox: InboxState) => InboxState): Promise<Changed> => {
    const key = userKey(userId);
    return exclusive.run(`inbox:${key}`, async (lease) => {
      const before = await load(key);
      const mutated = mutate(before);
      const after = prune(mutated, retention, now());
      const unread = unreadCount(after);
      if (after === before) return { isChanged: false, unread };
      await records.put(key, after, { lease });
      const added = mutated.next > before.next ? mutated.items.at(-1)?.data : undefined;
      const { read, removed } = changesBetween(before, after);
      await tell(userId, added, {
        unread,
        ...(read.length > 0 && { read }),
        ...(removed.length > 0 && { removed }),
      });
      return { isChanged: mutated !== before, unread };
    });
  };

  return {
    async add(userId, asked) {
      const data = await makeNotification(asked, { id: uuid(), createdAtMs: now() });
      const { isChanged } = await change(userId, (inbox) => addItem(inbox, data));
      return isChanged;
    },

    async list(userId, { unread = false, cursor, limit = DEFAULT_LIMIT } = {}) {
      if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_LIMIT)) {
        throw new InkwireError(
          "invalid_request",
          `limit: expected a whole number from 1 to ${MAX_LIMIT}`,
        );
      }
      const before = cursor === undefined ? Infinity : parsePageCursor(cursor);
      const inbox = await view(userId);
      const { items, hasMore } = pageOf(inbox, { unread, before, limit });
      const last = items.at(-1);
      return {
        notifications: items.map(({ data }) => data),
        unread: unreadCount(inbox),
        next: hasMore && last !== undefined ? encodePageCursor(last.seq) : undefined,
      };
    },

    unread: async (userId) => unreadCount(await view(userId)),

    async read(userId, id) {
      const readAt = new Date(now()).toISOString();
      const { unread } = await change(userId, (inbox) => {
        assertThere(inbox, id);
        return markRead(inbox, (other) => other === id, readAt);
      });
      return unread;
    },

    async readAll(userId) {
      const readAt = new Date(now()).toISOString();
      const { unread } = await change(userId, (inbox) => markRead(inbox, () => true, readAt));
      return unread;
    },

    async remove(userId, id) {
      const { unread } = await change(userId, (inbox) => {
        assertThere(inbox, id);
        return removeItems(inbox, ({ data }) => data.id === id);
      });
      return unread;
    },
  };
}

interface Changed {
  readonly isChanged: boolean;
  readonly unread: number;
}

function assertThere(inbox: InboxState, id: string): void {
  if (findItem(inbox, id) !== undefined) return;
  throw new InkwireError("not_found", "There is no such notification.");
}

/** Opaque to clients, and never a permission: it names a place in the caller's own inbox, whoever made it. */
function encodePageCursor(seq: number): string {
  return `n${seq.toString(36)}`;
}

function parsePageCursor(cursor: unknown): number {
  const digits = typeof cursor === "string" ? /^n([0-9a-z]{1,11})$/.exec(cursor)?.[1] : undefined;
  const seq = Number.parseInt(digits ?? "", 36);
  if (Number.isSafeInteger(seq)) return seq;
  throw new InkwireError("invalid_cursor", "cursor: expected the `next` of another page");
}
