import type { ConnectionState, Topic } from "@inkwire/client";
import { createEffect, createRoot, getOwner, onCleanup } from "solid-js";
import { useInkwire } from "../context.js";
import { fromStore } from "../from-store.js";
import { access, type MaybeAccessor } from "./access.js";

export interface Connection {
  /** Messages arrive: `live` or `catching_up`. */
  readonly isConnected: boolean;
  /** `idle` while nobody is signed in; `connecting` on a server for somebody who is. */
  readonly state: ConnectionState;
  /**
   * Adds topics for as long as the component is there, over changes of the login too. Gives back how to stop earlier.
   *
   * @param topics - a signal of them is followed.
   */
  subscribe(topics: MaybeAccessor<readonly Topic[]>): () => void;
  /** Tries at once, also after `unauthorized` and `closed`. */
  connect(): void;
}

const SIGNED_OUT: ConnectionState = { status: "idle", since: 0, failures: 0 };
const RENDERED: ConnectionState = { ...SIGNED_OUT, status: "connecting" };

/** The connection of the provider that the component stands in: its state, and topics for as long as the component is there. */
export function useConnection(): Connection {
  const { client, isSignedIn } = useInkwire();
  const state = fromStore<ConnectionState>(
    () => client()?.state,
    () => (isSignedIn() ? RENDERED : SIGNED_OUT),
  );
  return {
    get isConnected() {
      const { status } = state();
      return status === "live" || status === "catching_up";
    },
    get state() {
      return state();
    },
    subscribe(topics) {
      const owner = getOwner();
      const stop = createRoot((dispose) => {
        createEffect(() => {
          const stopTopics = client()?.subscribe(access(topics));
          if (stopTopics !== undefined) onCleanup(stopTopics);
        });
        return dispose;
      }, owner);
      if (owner !== null) onCleanup(stop);
      return stop;
    },
    connect: () => client()?.connect(),
  };
}
