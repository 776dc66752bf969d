import type { Catalog, Topic } from "@inkwire/core/protocol";
import { makeClient } from "../../src/client.js";
import type { LifecycleEvent } from "../../src/environment.js";
import { resolveClientOptions } from "../../src/options.js";
import { createFakeToken } from "../../src/testing/fake-token.js";
import type { VirtualClock } from "../../src/testing/virtual-clock.js";
import type { TabChannel } from "../../src/tabs/environment.js";
import { shareConnection } from "../../src/tabs/share.js";
import type { Client } from "../../src/types.js";
import type { Hub } from "./hub.js";

export interface Tab {
  readonly client: Client<Catalog>;
  /** The texts that its handlers got, in order. */
  readonly heard: string[];
  /** What was survived. */
  readonly problems: unknown[];
  /** Stops everything in it: timers, what arrives. Its lock stays held. */
  freeze(): void;
  thaw(): void;
  send(event: LifecycleEvent): void;
}

export interface TabOptions {
  readonly hub: Hub;
  readonly clock: VirtualClock;
  readonly userId?: string;
  readonly token?: string;
  readonly topics?: readonly Topic[];
}

let tabs = 0;

/** A tab of a browser: locks and channels are the real ones of Node, its own time can be stopped. */
export function openTab(options: TabOptions): Tab {
  const { hub, clock, userId = "1", topics = [], token = createFakeToken(userId) } = options;
  const waiting: (() => void)[] = [];
  const listeners = new Set<(event: LifecycleEvent) => void>();
  const number = (tabs += 1);
  const problems: unknown[] = [];
  let isFrozen = false;
  const run = (task: () => void): void => {
    if (isFrozen) waiting.push(task);
    else task();
  };
  const lifecycle = {
    subscribe(listener: (event: LifecycleEvent) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isHidden: () => false,
    isOnline: () => true,
  };
  const own = {
    now: () => clock.now(),
    after: (ms: number, task: () => void) => clock.after(ms, () => run(task)),
  };
  const resolved = resolveClientOptions({
    url: "http://tabs.invalid/",
    token,
    topics,
    clock: own,
    lifecycle,
    onProblem: (error) => void problems.push(error),
  });
  const locks = navigator.locks;
  const client = makeClient<Catalog>(
    resolved,
    shareConnection(hub.connect(run), {
      ...resolved,
      // Not the clock's: two tabs that begin at one moment are two.
      random: () => (number * 0.618_033_988_7) % 1,
      locks: {
        request: ((name: string, lock: LockOptions, hold: LockGrantedCallback<unknown>) =>
          locks.request(name, lock, (granted) =>
            // A frozen tab does not get to run what it was granted.
            isFrozen
              ? new Promise((resolve) => waiting.push(() => resolve(hold(granted))))
              : hold(granted),
          )) as LockManager["request"],
      },
      openChannel: (name) => openChannel(name, run),
    }),
  );
  const heard: string[] = [];
  client.on("*", ({ data }) => heard.push(data as string));
  client.connect();
  return {
    client,
    heard,
    problems,
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      for (const task of waiting.splice(0)) task();
    },
    send(event) {
      for (const listener of listeners) listener(event);
    },
  };
}

function openChannel(name: string, run: (task: () => void) => void): TabChannel {
  const channel = new BroadcastChannel(name);
  // oxlint-disable-next-line typescript/no-unsafe-call -- Node's own, which the types of a browser do not know
  (channel as unknown as { unref(): void }).unref();
  let isClosed = false;
  const tab: TabChannel = {
    onmessage: null,
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's has none
    postMessage: (message) => channel.postMessage(message),
    close() {
      isClosed = true;
      channel.close();
    },
  };
  channel.onmessage = (event) =>
    run(() => {
      if (!isClosed) tab.onmessage?.(event);
    });
  return tab;
}
