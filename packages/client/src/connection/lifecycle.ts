import type { Clock, Lifecycle, LifecycleEvent } from "../environment.js";

/** A longer delay makes timers fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

const EVENTS: Readonly<Record<string, LifecycleEvent>> = {
  visibilitychange: "wake",
  online: "wake",
  offline: "offline",
  // Not `unload`: with that a page never gets into the back/forward cache.
  pagehide: "suspend",
  pageshow: "restore",
  // A frozen page that held the connection of all tabs would keep it from them.
  freeze: "suspend",
  resume: "restore",
};

/**
 * The page's own lifecycle; where there is no page (Node, Bun, Deno, workers) what of it exists.
 *
 * @see https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 */
export const pageLifecycle: Lifecycle = {
  subscribe(listener) {
    const stop = new AbortController();
    for (const [type, event] of Object.entries(EVENTS)) {
      globalThis.addEventListener?.(
        type,
        () => {
          if (type !== "visibilitychange" || !pageLifecycle.isHidden()) listener(event);
        },
        // Some of them are the document's; on their way there they pass the window.
        { signal: stop.signal, capture: true },
      );
    }
    return () => stop.abort();
  },
  isHidden: () => globalThis.document?.visibilityState === "hidden",
  // Where there is no such hint, none says that it is gone.
  isOnline: () => globalThis.navigator?.onLine ?? true,
};
