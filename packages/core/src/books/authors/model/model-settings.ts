import { InkwireError } from "../../../protocol/index.js";

/** How long a model may be silent. */
export interface ModelTimeouts {
  /** Until the first piece of text or thinking: a local model may first have to be loaded. @default 120_000 */
  readonly firstChunkMs?: number | undefined;
  /** Between two pieces. @default 60_000 */
  readonly chunkMs?: number | undefined;
}

export type ResolvedModelTimeouts = { readonly firstChunkMs: number; readonly chunkMs: number };

const defaultModelTimeouts: ResolvedModelTimeouts = Object.freeze({
  firstChunkMs: 120_000,
  chunkMs: 60_000,
});

/** Fills and checks. @throws InkwireError `invalid_option` */
export function resolveModelTimeouts(timeouts: ModelTimeouts = {}): ResolvedModelTimeouts {
  return {
    firstChunkMs: positive(
      "firstChunkMs",
      timeouts.firstChunkMs ?? defaultModelTimeouts.firstChunkMs,
    ),
    chunkMs: positive("chunkMs", timeouts.chunkMs ?? defaultModelTimeouts.chunkMs),
  };
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= 2 ** 31 - 1) return value;
  throw new InkwireError(
    "invalid_option",
    `Expected ${name} to be a whole number of milliseconds from 1, got ${value}.`,
  );
}
