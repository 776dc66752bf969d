import type { Client, Store } from "@inkwire/client";
import { createMemo, onCleanup } from "solid-js";
import { isServer } from "solid-js/web";
import { useInkwire } from "./context.js";
import { fromStore } from "./from-store.js";

export interface Closable {
  close(): void;
}

/** The open stores of each client, by what they are of: a header and a page that show the same read it once. */
export type Shared = WeakMap<object, Map<string, { store: Closable; users: number }>>;

/** Gives the store to whoever asks for `key`; closes it once nobody has it any more. */
function share<S extends Closable>(shared: Shared, client: object, key: string, make: () => S): S {
  const stores = shared.get(client) ?? new Map<string, { store: Closable; users: number }>();
  shared.set(client, stores);
  const entry = stores.get(key) ?? { store: make(), users: 0 };
  stores.set(key, entry);
  entry.users += 1;
  onCleanup(() => {
    entry.users -= 1;
    // Later: what takes its place in this very turn goes on with it.
    queueMicrotask(() => {
      if (entry.users > 0 || stores.get(key) !== entry) return;
      stores.delete(key);
      entry.store.close();
    });
  });
  return entry.store as S;
}

/** What a store says, as properties that are signals, and what can be done with it. */
export type View<T, M> = Readonly<T> & M;

interface UseStoreOptions<T extends object, S, M> {
  /** What it is of, such as `progress/7`; may read signals. `undefined` for nothing to show. */
  readonly key: () => string | undefined;
  /** Called when nobody has that store yet. */
  readonly make: (client: Client) => S;
  /** What a server renders, and what there is while nobody is signed in. */
  readonly empty: (isSignedIn: boolean) => T;
  /** @param store - gives `undefined` while nobody is signed in. */
  readonly methods: (store: () => S | undefined) => M;
  /** Stands in while nobody is signed in. @default nothing does */
  readonly nobody?: Client | undefined;
}

/** A store of the client as signals, for as long as the component is there. */
export function useStore<T extends object, S extends Store<T> & Closable, M extends object>(
  options: UseStoreOptions<T, S, M>,
): View<T, M> {
  const { make, empty, methods, nobody } = options;
  const { client, isSignedIn, shared } = useInkwire();
  const key = createMemo(options.key);
  const store = createMemo(() => {
    const of = client() ?? (isServer ? undefined : nobody);
    const name = key();
    return of && name !== undefined ? share(shared, of, name, () => make(of)) : undefined;
  });
  const value = fromStore<T>(store, () => empty(isSignedIn() && key() !== undefined));
  const view = methods(store);
  for (const property of Object.keys(empty(false)) as (keyof T)[]) {
    Object.defineProperty(view, property, {
      configurable: true,
      enumerable: true,
      get: () => value()[property],
    });
  }
  return view as View<T, M>;
}
