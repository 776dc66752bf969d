import type { Clock } from "../environment.js";
import type { TabEnvironment } from "./environment.js";

/** Who shows what every tab hears of: one tab each. */
export interface Claims {
  /** Whether `id` is this tab's, and no other's. */
  claim(id: string): Promise<boolean>;
  /** Calls `listener` with what another tab has claimed. Gives back how to stop. */
  onTaken(listener: (id: string) => void): () => void;
  /** Lets go of what it holds: a page with a lock can't go into the back/forward cache. */
  release(): void;
  close(): void;
}

const NAME = "inkwire/1 claims";
/** A tab that hears of something much later than the others hears of the claim, too. */
const HOLD_MS = 30_000;

export function createClaims({
  locks,
  openChannel,
  clock,
}: Pick<TabEnvironment, "locks" | "openChannel"> & { readonly clock: Clock }): Claims {
  const channel = openChannel(NAME);
  const listeners = new Set<(id: string) => void>();
  const held = new Set<() => void>();
  channel.onmessage = ({ data }) => {
    if (typeof data === "string") for (const listener of listeners) listener(data);
  };
  const release = (): void => {
    for (const free of held) free();
  };

  return {
    claim: (id) =>
      new Promise((resolve) => {
        const hold = (lock: unknown): Promise<void> | undefined => {
          resolve(lock !== null);
          if (lock === null) return undefined;
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's has none
          channel.postMessage(id);
          return new Promise((done) => {
            const free = (): void => {
              cancel();
              held.delete(free);
              done();
            };
            const cancel = clock.after(HOLD_MS, free);
            held.add(free);
          });
        };
        // A browser that refuses (a page that is going away) must not swallow it.
        locks.request(`${NAME} ${id}`, { ifAvailable: true }, hold).catch(() => resolve(true));
      }),
    onTaken(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    release,
    close() {
      release();
      listeners.clear();
      channel.close();
    },
  };
}

/** Where there is one tab only. */
export const noClaims: Claims = {
  claim: () => Promise.resolve(true),
  onTaken: () => () => undefined,
  release: () => undefined,
  close: () => undefined,
};
