import type { Message, NotificationData, SystemNotificationData } from "@inkwire/core/protocol";
import { safeLink } from "./link.js";

export interface ToastAction {
  /** @default the program's own word for "open" */
  readonly label?: string | undefined;
  /** Safe to follow. */
  readonly url?: string | undefined;
  readonly run?: (() => void) | undefined;
}

export interface Toast {
  /** Two with one id are one. */
  readonly id: string;
  readonly type: NotificationData["type"];
  readonly title: string;
  readonly message: string;
  readonly action?: ToastAction | undefined;
  /** ISO 8601: when what it announces begins and ends, such as a maintenance. */
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
  /** How long it stays, in milliseconds; `null` until it is dismissed. @default by {@link timeToReadMs}; `null` for errors */
  readonly durationMs?: number | null | undefined;
}

/** Slow readers take 130 words a minute, in about 6 characters each; and first one has to look. */
const MS_A_CHARACTER = 75;
const LOOK_MS = 2_000;
const SHORTEST_MS = 5_000;
const LONGEST_MS = 30_000;
/** To decide, and to get there. */
const ACTION_MS = 4_000;

/** How long a text has to stay to be read, in milliseconds: 5 to 30 seconds, and 4 more with an action. */
export function timeToReadMs({ title, message, action }: Omit<Toast, "id" | "type">): number {
  const ms = LOOK_MS + (title.length + message.length) * MS_A_CHARACTER;
  const reading = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
  return action === undefined ? reading : reading + ACTION_MS;
}

/** What a message says to a person, or `undefined` for one that says nothing, or was read already. */
export function toastOf({ id, type, data }: Message): Toast | undefined {
  if (type === "notification") {
    const { id: own, type: kind, title, message, action_url, read_at } = data as NotificationData;
    if (read_at !== undefined) return undefined;
    const url = safeLink(action_url);
    return { id: own, type: kind, title, message, action: url === undefined ? undefined : { url } };
  }
  const { id: own = id, kind, title, message, ...times } = data as SystemNotificationData;
  return {
    id: own,
    type: kind === "maintenance" ? "warning" : "info",
    title,
    message,
    startsAt: times.scheduled_time,
    endsAt: times.ends_at,
  };
}
