import * as v from "valibot";
import type { Bus } from "../bus/types.js";
import {
  ALL,
  InkwireError,
  userTopic,
  type BookMessages,
  type SystemNotificationData,
} from "../protocol/index.js";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";
import { makeAnnouncement, type NewAnnouncement } from "./announcement.js";
import { userKey } from "./user-key.js";

/** What everybody is told, and what those who come later still have to know. */
export interface Announcements {
  /** Tells all who are connected, and keeps it until it is over. Gives back its id. @throws InkwireError `invalid_message` */
  announce(
    announcement: NewAnnouncement,
    kind: NonNullable<SystemNotificationData["kind"]>,
  ): Promise<string>;
  /** Nobody who comes later is told of it. `false` when it was not kept. */
  withdraw(id: string): Promise<boolean>;
  /** Those that are not over, oldest first. */
  pending(): Promise<readonly SystemNotificationData[]>;
  /** Tells one user what is pending; gives back how many were told. */
  greet(userId: string): Promise<number>;
}

interface Kept {
  readonly data: SystemNotificationData;
  readonly untilMs: number;
}

interface NumberedAnnouncement extends Kept {
  readonly number: number;
}

const keptSchema = v.object({
  data: v.object({
    id: v.exactOptional(v.string()),
    title: v.string(),
    message: v.string(),
    scheduled_time: v.exactOptional(v.string()),
    kind: v.exactOptional(v.picklist(["maintenance", "notice"])),
    ends_at: v.exactOptional(v.string()),
  }),
  untilMs: v.number(),
});

/** More than this at once is no news any more. */
const MAX_PENDING = 100;
/** How old the list may be that greetings go by, in milliseconds: a thousand clients that come at once read it once. */
const MAX_LIST_AGE_MS = 2_000;
/** Of how many users it is remembered what they were greeted with; the others are greeted again. */
const MAX_GREETED = 50_000;
const PREFIX = "announcement-";

export interface AnnouncementsDeps {
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  readonly home: Home;
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

export function createAnnouncements({
  bus,
  home,
  now,
  onProblem,
}: AnnouncementsDeps): Announcements {
  const records = createRecords<Kept>({
    storage: home.storage,
    prefix: "announcements",
    version: 1,
    schema: keptSchema,
    onDamage: onProblem,
  });
  /** The number of the newest that each user was greeted with; by last use. */
  const greeted = new Map<string, number>();
  let list: { readonly readAt: number; readonly read: Promise<NumberedAnnouncement[]> } | undefined;

  const readList = async (): Promise<NumberedAnnouncement[]> => {
    const found = await records.list();
    const pending: NumberedAnnouncement[] = [];
    for (const { key, value } of found) {
      if (value.untilMs > now()) pending.push({ ...value, number: Number(key) });
      else await records.remove(key).catch(onProblem);
    }
    return pending.toSorted((a, b) => a.number - b.number);
  };

  const readPending = async (): Promise<NumberedAnnouncement[]> => {
    if (list === undefined || now() - list.readAt >= MAX_LIST_AGE_MS) {
      list = { readAt: now(), read: readList() };
      list.read.catch(() => (list = undefined));
    }
    return (await list.read).filter(({ untilMs }) => untilMs > now());
  };

  const remember = (userId: string, number: number): void => {
    greeted.delete(userId);
    greeted.set(userId, number);
    if (greeted.size <= MAX_GREETED) return;
    const [oldest] = greeted.keys();
    if (oldest !== undefined) greeted.delete(oldest);
  };

  return {
    async announce(announcement, kind) {
      const number = await home.locks.nextNumber("announcements");
      const id = PREFIX + String(number);
      const { data, untilMs } = await makeAnnouncement(announcement, kind, { id, nowMs: now() });
      if (untilMs !== undefined) {
        if ((await readList()).length >= MAX_PENDING) {
          throw new InkwireError("too_large", `There are ${MAX_PENDING} announcements already.`, {
            hint: "Withdraw some.",
          });
        }
        await records.put(String(number), { data, untilMs });
        list = undefined;
      }
      await bus.publish(ALL, "system_notification", data);
      return id;
    },

    async withdraw(id) {
      const key = /^announcement-([1-9]\d{0,15})$/.exec(id)?.[1];
      if (key === undefined || !(await records.has(key))) return false;
      await records.remove(key);
      list = undefined;
      return true;
    },

    pending: async () => (await readPending()).map(({ data }) => data),

    async greet(userId) {
      // Checks the id; nothing of the user is stored.
      userKey(userId);
      const pending = await readPending();
      const last = greeted.get(userId) ?? 0;
      const fresh = pending.filter(({ number }) => number > last);
      const newest = fresh.at(-1);
      if (newest === undefined) return 0;
      // Before anything is awaited: a second connection of this moment greets nobody again.
      remember(userId, newest.number);
      for (const { data } of fresh) {
        await bus.publish(userTopic(userId), "system_notification", data);
      }
      return fresh.length;
    },
  };
}
