import type { Store } from "@inkwire/client";
import {
  createMemo,
  createSignal,
  onCleanup,
  onMount,
  sharedConfig,
  type Accessor,
} from "solid-js";

/**
 * The value of a store as a signal, of another store whenever `store` gives another one; `empty` while it gives none.
 *
 * A page that takes over what a server has rendered begins with `empty` like that, and becomes what it is once mounted.
 *
 * @param isBusy - of all changes of one turn, the first is told at once and the rest together at its end, since thousands a
 *   second must not be as many renders. What it gives is the newest at any time. @default false
 */
export function fromStore<T>(
  store: Accessor<Store<T> | undefined>,
  empty: Accessor<T>,
  isBusy = false,
): Accessor<T> {
  let isHydrating = sharedConfig.context !== undefined;
  const current = createMemo(() => {
    const source = store();
    if (source === undefined) return empty;
    const [track, tell] = createSignal(undefined, { equals: false });
    onCleanup(source.subscribe(isBusy ? oncePerTurn(tell) : () => tell()));
    if (isHydrating) {
      onMount(() => {
        isHydrating = false;
        tell();
      });
    }
    return (): T => {
      track();
      return isHydrating ? empty() : source.get();
    };
  });
  return () => current()();
}

function oncePerTurn(tell: () => void): () => void {
  let isTold = false;
  let isBehind = false;
  const flush = (): void => {
    isTold = false;
    if (isBehind) tell();
    isBehind = false;
  };
  return () => {
    isBehind = isTold;
    if (isTold) return;
    isTold = true;
    queueMicrotask(flush);
    tell();
  };
}
