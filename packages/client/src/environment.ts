/** What the client takes from where it runs, passed in so that tests need no browser and no waiting. */

export interface Clock {
  /** The wall clock, milliseconds since 1970: it jumps when a laptop wakes up, and that is wanted. */
  readonly now: () => number;
  /** Calls `run` once, not before `ms` have passed; gives back how to cancel. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/**
 * - `wake`: somebody looks at the page again, or the network came back: what waits should try at once;
 * - `offline`: the device says that its network is gone (a hint, not a proof);
 * - `suspend`: the page goes into the back/forward cache, or ends: connections must be closed;
 * - `restore`: it came back from there.
 */
export type LifecycleEvent = "wake" | "offline" | "suspend" | "restore";

export interface Lifecycle {
  /** Calls `listener` on each event. Gives back how to stop. */
  subscribe(listener: (event: LifecycleEvent) => void): () => void;
  /** Whether nobody can see the page, so that timers may be throttled. */
  isHidden(): boolean;
  /** What the device says about its network. */
  isOnline(): boolean;
}

/** The part of the browser's `Storage` that is used. What it throws (a full or forbidden storage) is survived. */
export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
