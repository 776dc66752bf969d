import { createComputed } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

/**
 * The view with a list in which each record keeps its object while its properties change: what `<For>` made of it stays,
 * with its focus, and so do transitions.
 *
 * @param key - the property by which a record is known again.
 */
export function withKeyed<V extends object>(view: V, list: keyof V & string, key: string): V {
  const [state, setState] = createStore<{ list: unknown }>({ list: [] });
  // As it is now: the property is about to be another.
  const source = Object.create(view, Object.getOwnPropertyDescriptors(view)) as V;
  // A copy: records are changed in place, and these are others' too.
  createComputed(() => setState("list", reconcile(structuredClone(source[list]), { key })));
  return Object.defineProperty(view, list, { get: () => state.list });
}
