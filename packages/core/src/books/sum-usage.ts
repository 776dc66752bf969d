import type { Usage } from "./types.js";

/** The sum of what was used; `estimated` when any part of it is. `undefined` when nobody said. */
export function sumUsage(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const known = usages.filter((usage) => usage !== undefined);
  if (known.length === 0) return undefined;
  return {
    inputTokens: known.reduce((sum, usage) => sum + usage.inputTokens, 0),
    outputTokens: known.reduce((sum, usage) => sum + usage.outputTokens, 0),
    estimated: known.some((usage) => usage.estimated),
    ...(known.every((usage) => usage.cachedTokens === undefined)
      ? {}
      : { cachedTokens: known.reduce((sum, usage) => sum + (usage.cachedTokens ?? 0), 0) }),
  };
}
