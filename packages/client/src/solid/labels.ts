import type { BookStatus, ConnectionStatus } from "@inkwire/client";
import { mergeProps } from "solid-js";
import { useInkwire } from "./context.js";

/** Everything that the components say. */
export interface Labels {
  /** A word for each state of the connection. */
  readonly connection: Readonly<Record<ConnectionStatus, string>>;
  readonly tryAgain: string;
  /** A word for each state of a book; `stopped` is one that nobody works on. */
  readonly book: Readonly<Record<BookStatus | "stopped", string>>;
  /** A book whose title is not known yet. */
  readonly untitled: string;
  readonly percent: (percent: number) => string;
  readonly timeLeft: (seconds: number) => string;
  readonly words: (words: number) => string;
  /** The books that are being written. */
  readonly inProgress: string;
  readonly notifications: string;
  readonly notificationsUnread: (unread: number) => string;
  readonly noNotifications: string;
  readonly loading: string;
  readonly loadFailed: string;
  readonly loadMore: string;
  readonly markRead: (title: string) => string;
  readonly markAllRead: string;
  readonly remove: (title: string) => string;
  readonly unread: string;
  /** The place of the toasts, and how to get there. */
  readonly toasts: string;
  readonly open: string;
  readonly dismiss: (title: string) => string;
  readonly more: (waiting: number) => string;
  /** When something begins, and perhaps ends. */
  readonly period: (startsAt: Date, endsAt?: Date) => string;
  readonly time: (at: Date) => string;
}

const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
const moment = (at: Date): string =>
  at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** What the components say unless the provider is given other words: English, dates as the browser writes them. */
export const defaultLabels: Labels = {
  connection: {
    idle: "Not connected",
    connecting: "Connecting…",
    catching_up: "Catching up…",
    live: "Live",
    waiting: "Reconnecting…",
    offline: "Offline",
    unauthorized: "Signed out",
    closed: "Disconnected",
  },
  tryAgain: "Try again",
  book: {
    queued: "Waiting",
    processing: "Writing",
    completed: "Finished",
    failed: "Failed",
    cancelled: "Cancelled",
    stopped: "Stopped",
  },
  untitled: "Book",
  percent: (percent) => `${percent} %`,
  timeLeft: (seconds) =>
    seconds < 5400
      ? `about ${minutes(seconds)} min left`
      : `about ${Math.round(seconds / 3600)} h left`,
  words: (words) => `${words.toLocaleString()} words`,
  inProgress: "In progress",
  notifications: "Notifications",
  notificationsUnread: (unread) => `Notifications, ${unread} unread`,
  noNotifications: "Nothing here yet",
  loading: "Loading…",
  loadFailed: "This could not be loaded",
  loadMore: "Show more",
  markRead: (title) => `Mark as read: ${title}`,
  markAllRead: "Mark all as read",
  remove: (title) => `Remove: ${title}`,
  unread: "Unread",
  toasts: "Messages (Alt+T)",
  open: "Open",
  dismiss: (title) => `Dismiss: ${title}`,
  more: (waiting) => `${waiting} more`,
  period: (startsAt, endsAt) =>
    endsAt === undefined ? moment(startsAt) : `${moment(startsAt)} – ${moment(endsAt)}`,
  time: moment,
};

type LabelsSource = () => Partial<Labels> | undefined;

/** Those of the component, of the provider, and else the English ones. */
export function useLabels(props: { readonly labels?: Partial<Labels> | undefined }): Labels {
  const context = useInkwire();
  return mergeProps<[Labels, LabelsSource, LabelsSource]>(
    defaultLabels,
    () => context.labels,
    () => props.labels,
  );
}
