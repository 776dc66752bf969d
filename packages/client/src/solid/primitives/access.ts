/** A value, or a signal of one. */
export type MaybeAccessor<T> = T | (() => T);

export function access<T>(value: MaybeAccessor<T>): T {
  return typeof value === "function" ? (value as () => T)() : value;
}
