import { isInkwireError } from "@inkwire/core/protocol";
import type { ReadState, ReadStore, Replica, StoreClient } from "./replica.js";
import { requestJson, type Json } from "./request-json.js";

export interface PagedState extends ReadState {
  /** Where the next page begins; `undefined` on the last one. */
  readonly next: string | undefined;
}

export interface PagedStore<S> extends ReadStore<S> {
  /** Appends the next page, if there is one. Resolves when it is here, or `error` says why it is not. */
  loadMore(): Promise<void>;
}

/** No page of the server is longer. */
const MAX_PAGE = 100;

/** How much to read so that what is on the screen does not collapse. */
export function pageSize(shown: number, usual: number): number {
  return Math.min(MAX_PAGE, Math.max(shown, usual));
}

/** `loadMore` of a store: one page at a time, dropped when the list was read again meanwhile. */
export function nextPage<S extends PagedState>(
  client: StoreClient,
  replica: Replica<S>,
  path: string,
  append: (state: S, answer: Json) => S,
): () => Promise<void> {
  let loading: Promise<void> | undefined;
  const load = async (cursor: string): Promise<void> => {
    try {
      const answer = await requestJson(client, `${path}&cursor=${encodeURIComponent(cursor)}`);
      const state = replica.get();
      if (state.next === cursor) replica.set({ ...append(state, answer), error: undefined });
    } catch (error) {
      if (isInkwireError(error)) replica.set({ ...replica.get(), error });
      else throw error;
    }
  };
  return () => {
    const { next } = replica.get();
    if (next === undefined) return Promise.resolve();
    return (loading ??= load(next).finally(() => (loading = undefined)));
  };
}
