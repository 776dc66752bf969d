import { createMessageLog, type Client, type MessageLogOptions } from "@inkwire/client";
import type { BookMessages, Catalog, MessageOf, MessageType } from "@inkwire/core/protocol";
import { createEffect, createMemo, onCleanup } from "solid-js";
import { useInkwire } from "../context.js";
import { fromStore } from "../from-store.js";
import { access, type MaybeAccessor } from "./access.js";

export interface Messages<M> {
  /** Oldest first. */
  readonly messages: readonly M[];
  clear(): void;
}

/**
 * The newest messages of some types, from now on; rendered at most twice a turn, however many come. For your own messages name your catalog:
 * `useMessages<typeof messages>(["order_shipped"])`.
 *
 * @param types - a signal of them is followed, and begins anew. @default all
 */
export function useMessages<
  C extends Catalog = BookMessages,
  T extends MessageType<C> = MessageType<C>,
>(types?: MaybeAccessor<readonly T[]>, options?: MessageLogOptions): Messages<MessageOf<C, T>> {
  const { client } = useInkwire();
  const log = createMemo(() => {
    const of = client() as Client<C> | undefined;
    if (of === undefined) return undefined;
    const made = createMessageLog<C, T>(of, types && access(types), options);
    onCleanup(() => made.close());
    return made;
  });
  const messages = fromStore<readonly MessageOf<C, T>[]>(log, () => [], true);
  return {
    get messages() {
      return messages();
    },
    clear: () => log()?.clear(),
  };
}

/** Calls `handler` with each message of a type, exactly once, for as long as the component is there. */
export function onMessage<
  C extends Catalog = BookMessages,
  T extends MessageType<C> = MessageType<C>,
>(type: T, handler: (message: MessageOf<C, T>) => void): void {
  const { client } = useInkwire();
  createEffect(() => {
    const of = client() as Client<C> | undefined;
    if (of !== undefined) onCleanup(of.on(type, handler));
  });
}
