import * as v from "valibot";
import type { NotificationData } from "../protocol/index.js";

/** A user's stored notifications. Pure: each function gives back the next state, or the same when nothing changed. */
export interface InboxState {
  /** The number of the next notification, from 1. Never given twice, so that a page's place stays where it is. */
  readonly next: number;
  /** Oldest first. */
  readonly items: readonly InboxItem[];
  /** Ids of what was removed last, so that a repeated one does not come back. */
  readonly gone: readonly string[];
}

export interface InboxItem {
  readonly seq: number;
  /** With `created_at`; with `read_at` once it was read. */
  readonly data: NotificationData;
}

/** What is kept: at most so many, and so long. */
export interface Retention {
  readonly maxPerUser: number;
  readonly maxAgeMs: number;
}

export const EMPTY_INBOX: InboxState = { next: 1, items: [], gone: [] };

const MAX_GONE = 200;

const text = v.string();
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** Checks a record that is read from a storage. */
export const inboxSchema = v.object({
  next: count,
  items: v.array(
    v.object({
      seq: count,
      data: v.object({
        id: text,
        title: text,
        message: text,
        type: v.picklist(["info", "success", "warning", "error"]),
        action_url: v.exactOptional(text),
        kind: v.exactOptional(v.picklist(["general", "welcome", "badge", "book"])),
        badge: v.exactOptional(text),
        created_at: v.exactOptional(text),
        read_at: v.exactOptional(text),
      }),
    }),
  ),
  gone: v.array(text),
});

export function unreadCount({ items }: InboxState): number {
  return items.reduce((sum, { data }) => sum + (data.read_at === undefined ? 1 : 0), 0);
}

export function findItem({ items }: InboxState, id: string): InboxItem | undefined {
  return items.find(({ data }) => data.id === id);
}

/** The same state when there is, or was, one with this id. */
export function addItem(inbox: InboxState, data: NotificationData): InboxState {
  if (findItem(inbox, data.id) !== undefined || inbox.gone.includes(data.id)) return inbox;
  return {
    ...inbox,
    next: inbox.next + 1,
    items: [...inbox.items, { seq: inbox.next, data }],
  };
}

/** Marks as read what `isMeant` and is not read yet. */
export function markRead(
  inbox: InboxState,
  isMeant: (id: string) => boolean,
  readAt: string,
): InboxState {
  const isNew = ({ data }: InboxItem) => data.read_at === undefined && isMeant(data.id);
  if (!inbox.items.some(isNew)) return inbox;
  const read = (item: InboxItem) => ({ ...item, data: { ...item.data, read_at: readAt } });
  return { ...inbox, items: inbox.items.map((item) => (isNew(item) ? read(item) : item)) };
}

export function removeItems(inbox: InboxState, isMeant: (item: InboxItem) => boolean): InboxState {
  const removed = inbox.items.filter(isMeant);
  if (removed.length === 0) return inbox;
  return {
    ...inbox,
    items: inbox.items.filter((item) => !isMeant(item)),
    gone: [...inbox.gone, ...removed.map(({ data }) => data.id)].slice(-MAX_GONE),
  };
}

/** Drops what is too old, and then as many as are too many: the oldest of those that were read, then the oldest. */
export function prune(inbox: InboxState, retention: Retention, nowMs: number): InboxState {
  const oldest = nowMs - retention.maxAgeMs;
  const young = removeItems(inbox, ({ data }) => Date.parse(data.created_at ?? "") < oldest);
  const tooMany = young.items.length - retention.maxPerUser;
  if (tooMany <= 0) return young;
  const isRead = ({ data }: InboxItem) => data.read_at !== undefined;
  const inOrder = [...young.items.filter(isRead), ...young.items.filter((item) => !isRead(item))];
  const dropped = new Set(inOrder.slice(0, tooMany));
  return removeItems(young, (item) => dropped.has(item));
}

/** Newest first, from below the number `before` on. */
export function pageOf(
  inbox: InboxState,
  { unread, before, limit }: { unread: boolean; before: number; limit: number },
): { readonly items: readonly InboxItem[]; readonly hasMore: boolean } {
  const found = inbox.items
    .filter(({ seq, data }) => seq < before && !(unread && data.read_at !== undefined))
    .toReversed();
  return { items: found.slice(0, limit), hasMore: found.length > limit };
}

/** What changed, as `inbox_update` says it. */
export function changesBetween(
  before: InboxState,
  after: InboxState,
): { readonly read: readonly string[]; readonly removed: readonly string[] } {
  const now = new Map(after.items.map(({ data }) => [data.id, data]));
  const read: string[] = [];
  const removed: string[] = [];
  for (const { data } of before.items) {
    const later = now.get(data.id);
    if (later === undefined) removed.push(data.id);
    else if (data.read_at === undefined && later.read_at !== undefined) read.push(data.id);
  }
  return { read, removed };
}
