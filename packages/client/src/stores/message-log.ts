import type { Catalog, MessageOf, MessageType } from "@inkwire/core/protocol";
import { createStore, type Store } from "../store.js";
import type { Client } from "../types.js";

export interface MessageLogOptions {
  /** The oldest go first. @default 100 */
  readonly maxMessages?: number | undefined;
}

export interface MessageLog<M> extends Store<readonly M[]> {
  clear(): void;
  close(): void;
}

/** The newest messages of some types, or of all, oldest first. It starts over when the history or the user is another. */
export function createMessageLog<C extends Catalog, T extends MessageType<C> = MessageType<C>>(
  client: Pick<Client<C>, "on" | "onGap">,
  types?: readonly T[],
  { maxMessages = 100 }: MessageLogOptions = {},
): MessageLog<MessageOf<C, T>> {
  const store = createStore<readonly MessageOf<C, T>[]>([]);
  const clear = (): void => store.set([]);
  const stops = [
    client.on("*", (message) => {
      if (types !== undefined && !types.includes(message.type as T)) return;
      store.set([...store.get(), message as MessageOf<C, T>].slice(-maxMessages));
    }),
    client.onGap(({ kind }) => {
      if (kind === "reset") clear();
    }),
  ];
  return {
    get: () => store.get(),
    subscribe: (listener) => store.subscribe(listener),
    clear,
    close() {
      for (const stop of stops) stop();
    },
  };
}
