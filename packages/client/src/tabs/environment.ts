import type { Clock, Lifecycle } from "../environment.js";

/** What sharing needs of the browser. */
export interface TabEnvironment {
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
  /** In `[0, 1)`. */
  readonly random: () => number;
  readonly locks: Pick<LockManager, "request">;
  readonly openChannel: (name: string) => TabChannel;
}

/** The part of a `BroadcastChannel` that is used. */
export interface TabChannel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/**
 * The browser's own, where it has them: they need a secure context.
 *
 * @param isWanted - without a word, pages share and nothing else: where there is no page there are no tabs.
 */
export function tabEnvironment(
  rest: Pick<TabEnvironment, "clock" | "lifecycle" | "random">,
  isWanted: boolean = globalThis.document !== undefined,
): TabEnvironment | undefined {
  if (!isWanted) return undefined;
  const locks = globalThis.navigator?.locks;
  if (locks === undefined || globalThis.BroadcastChannel === undefined) return undefined;
  return { ...rest, locks, openChannel: (name) => new BroadcastChannel(name) };
}
