import type { InboxUpdate, Message } from "@inkwire/core/protocol";
import { pageLifecycle, systemClock } from "../connection/lifecycle.js";
import type { Clock, Lifecycle } from "../environment.js";
import { createStore, type Store } from "../store.js";
import { createClaims, noClaims, type Claims } from "../tabs/claims.js";
import { tabEnvironment } from "../tabs/environment.js";
import type { StoreClient } from "./replica.js";
import { timeToReadMs, toastOf, type Toast } from "./toast.js";

export interface ToastsState {
  /** What to show, the most urgent first, and then the oldest. */
  readonly visible: readonly Toast[];
  /** How many wait for a place. */
  readonly waiting: number;
}

export interface ToastsOptions {
  /** @default 3 */
  readonly maxVisible?: number | undefined;
  /** How many may wait; of more, the oldest of the least urgent go: they are in the inbox. @default 20 */
  readonly maxWaiting?: number | undefined;
  /** Which messages become toasts, and how; `undefined` for none. @default every unread notification and announcement */
  readonly filter?: ((toast: Toast, message: Message) => Toast | undefined) | undefined;
  readonly clock?: Clock | undefined;
  readonly lifecycle?: Lifecycle | undefined;
  /** Which of several tabs shows a message. @default the first that is visible, where the browser can tell */
  readonly claims?: Claims | undefined;
}

export interface Toasts extends Store<ToastsState> {
  /** Shows one of the program's own, in this tab. Gives back its id. */
  show(toast: Omit<Toast, "id"> & { readonly id?: string }): string;
  /** Takes away one, or all. */
  dismiss(id?: string): void;
  /** Stops the time of all that are visible: while a pointer or the focus is on one. */
  pause(): void;
  resume(): void;
  close(): void;
}

interface Entry {
  readonly toast: Toast;
  readonly totalMs: number | null;
  leftMs: number | null;
  startedAt: number;
  cancel?: (() => void) | undefined;
}

const URGENCY = { error: 2, warning: 1, success: 0, info: 0 };
/** How many ids are remembered, so that one that comes again is not shown again. */
const MAX_SEEN = 500;

/**
 * Short messages on top of the page: each once, in one tab, for as long as it takes to read. Errors stay until they are
 * dismissed. The time of one that nobody can see does not run: a hidden tab shows what came when it is looked at again.
 */
export function createToasts(
  client: Pick<StoreClient, "on" | "onGap" | "userId">,
  options: ToastsOptions = {},
): Toasts {
  const { maxVisible = 3, maxWaiting = 20, filter } = options;
  const { clock = systemClock, lifecycle = pageLifecycle } = options;
  const environment = tabEnvironment({ clock, lifecycle, random: Math.random });
  const claims =
    options.claims ?? (environment !== undefined ? createClaims(environment) : noClaims);
  const store = createStore<ToastsState>({ visible: [], waiting: 0 });
  let entries: Entry[] = [];
  const seen = new Set<string>();
  /** Heard of, and not shown by any tab yet: nobody was looking. By what the tabs call it. */
  const pending = new Map<string, Toast>();
  let isPaused = false;
  let user = client.userId;
  let made = 0;

  const isNew = (id: string): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= MAX_SEEN) break;
      seen.delete(oldest);
    }
    return true;
  };

  function stopTime(entry: Entry): void {
    if (entry.cancel === undefined || entry.leftMs === null) return;
    entry.cancel();
    entry.cancel = undefined;
    entry.leftMs -= clock.now() - entry.startedAt;
  }

  function startTime(entry: Entry): void {
    if (entry.cancel !== undefined || entry.leftMs === null || isPaused) return;
    entry.startedAt = clock.now();
    entry.cancel = clock.after(Math.max(0, entry.leftMs), () => {
      entry.cancel = undefined;
      // Nobody was there to read it: it begins again once somebody is.
      if (lifecycle.isHidden()) entry.leftMs = entry.totalMs;
      else remove(({ toast }) => toast.id === entry.toast.id);
    });
  }

  /** Sorts, drops what is too much, and lets the time run of what is seen and of nothing else. */
  function arrange(): void {
    entries.sort((a, b) => URGENCY[b.toast.type] - URGENCY[a.toast.type]);
    while (entries.length > maxVisible + maxWaiting) {
      const least = URGENCY[entries.at(-1)?.toast.type ?? "info"];
      const index = entries.findIndex(
        ({ toast }, i) => i >= maxVisible && URGENCY[toast.type] === least,
      );
      entries.splice(index, 1);
    }
    const visible = entries.slice(0, maxVisible);
    for (const entry of entries) (visible.includes(entry) ? startTime : stopTime)(entry);
    store.set({
      visible: visible.map(({ toast }) => toast),
      waiting: entries.length - visible.length,
    });
  }

  function add(toast: Toast): void {
    const { durationMs = toast.type === "error" ? null : timeToReadMs(toast) } = toast;
    entries.push({ toast, totalMs: durationMs, leftMs: durationMs, startedAt: 0 });
    arrange();
  }

  function remove(isMeant: (entry: Entry) => boolean): void {
    const removed = entries.filter(isMeant);
    removed.forEach(stopTime);
    entries = entries.filter((entry) => !removed.includes(entry));
    if (removed.length > 0) arrange();
  }

  async function offer(key: string): Promise<void> {
    if (lifecycle.isHidden() || !pending.has(key)) return;
    const isOurs = await claims.claim(key);
    const toast = pending.get(key);
    pending.delete(key);
    if (isOurs && toast !== undefined) add(toast);
  }

  function hear(message: Message): void {
    const made = toastOf(message);
    const toast = made && filter !== undefined ? filter(made, message) : made;
    if (toast === undefined || !isNew(toast.id)) return;
    const key = `${client.userId} ${toast.id}`;
    pending.set(key, toast);
    for (const oldest of pending.keys()) {
      if (pending.size <= maxVisible + maxWaiting) break;
      pending.delete(oldest);
    }
    void offer(key);
  }

  const stops = [
    client.on("notification", hear),
    client.on("system_notification", hear),
    client.on("inbox_update", ({ data: { read = [], removed = [] } }: { data: InboxUpdate }) => {
      const ids = new Set([...read, ...removed]);
      // Read elsewhere, on another device perhaps.
      for (const [key, { id }] of pending) if (ids.has(id)) pending.delete(key);
      remove(({ toast }) => ids.has(toast.id));
    }),
    client.onGap(() => {
      if (user !== undefined && user !== client.userId) {
        pending.clear();
        remove(() => true);
      }
      user = client.userId;
    }),
    claims.onTaken((key) => void pending.delete(key)),
    lifecycle.subscribe((event) => {
      if (event === "suspend") claims.release();
      if (lifecycle.isHidden()) return;
      for (const key of pending.keys()) void offer(key);
      arrange();
    }),
  ];

  return {
    get: () => store.get(),
    subscribe: (listener) => store.subscribe(listener),
    show(toast) {
      const id = toast.id ?? `own.${++made}`;
      remove((entry) => entry.toast.id === id);
      add({ ...toast, id });
      return id;
    },
    dismiss(id) {
      remove(({ toast }) => id === undefined || toast.id === id);
    },
    pause() {
      isPaused = true;
      entries.forEach(stopTime);
    },
    resume() {
      isPaused = false;
      arrange();
    },
    close() {
      for (const stop of stops) stop();
      entries.forEach(stopTime);
      if (options.claims === undefined) claims.close();
    },
  };
}
