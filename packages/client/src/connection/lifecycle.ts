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

/**
 * The page's own lifecycle; where there is no page (Node, Bun, Deno, workers) only what of it exists.
 *
 * `pagehide` and not `unload`: with that a page never gets into the back/forward cache.
 *
 * @see https://developer.chrome.com/docs/web-platform/page-lifecycle-api
 */
export const pageLifecycle: Lifecycle = {
  subscribe(listener) {
    const stop = new AbortController();
    const listen = (
      target: Partial<EventTarget> | undefined,
      type: string,
      event: LifecycleEvent,
    ): void =>
      target?.addEventListener?.(
        type,
        () => {
          if (type !== "visibilitychange" || !pageLifecycle.isHidden()) listener(event);
        },
        { signal: stop.signal },
      );
    const { document } = globalThis;
    listen(document, "visibilitychange", "wake");
    // A frozen page that held the connection of all tabs would keep it from them.
    listen(document, "freeze", "suspend");
    listen(document, "resume", "restore");
    listen(globalThis, "pagehide", "suspend");
    listen(globalThis, "pageshow", "restore");
    listen(globalThis, "online", "wake");
    listen(globalThis, "offline", "offline");
    return () => stop.abort();
  },
  isHidden: () => globalThis.document?.visibilityState === "hidden",
  // Where there is no such hint, none says that it is gone.
  isOnline: () => globalThis.navigator?.onLine ?? true,
};
