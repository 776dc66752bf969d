import { isInkwireError } from "../protocol/index.js";
import { addressKey } from "./client-address.js";
import {
  createRateLimiter,
  rateLimited,
  takeFrom,
  type RateBucket,
  type RateLimiter,
  type ResolvedRates,
} from "./rate-limits.js";

/**
 * What an address may do before anybody knows who it is. Behind one there may be a whole university, so who has a token counts
 * for themselves, and what the address may do with them is wide; who has none, or one that is refused, uses up what is narrow.
 */
export interface AddressLimits {
  /** @throws InkwireError `rate_limited`, without a look at the token. */
  enter(address: string, bucket: RateBucket): Promise<void>;
  /** Takes note of what a request of this address ended with. */
  note(address: string, error: unknown): void;
}

export interface AddressLimitsOptions {
  readonly limiter: RateLimiter;
  readonly rates: ResolvedRates | null;
  readonly now: () => number;
}

export function createAddressLimits({ limiter, rates, now }: AddressLimitsOptions): AddressLimits {
  // What it guards is the CPU of this process, so it is this process that counts.
  const refusals = createRateLimiter(now);
  return {
    async enter(address, bucket) {
      if (rates === null) return;
      const whose = `address:${addressKey(address)}`;
      const waitMs = rates.refused === null ? 0 : refusals.look(whose, rates.refused);
      if (waitMs > 0) throw rateLimited(waitMs);
      await takeFrom(limiter, rates.perAddress, bucket, whose);
    },
    note(address, error) {
      if (rates === null || rates.refused === null || !isGuess(error)) return;
      refusals.take(`address:${addressKey(address)}`, rates.refused);
    },
  };
}

/** A token that has expired was one of ours: whole crowds wake up with one. */
function isGuess(error: unknown): boolean {
  return isInkwireError(error, "token_invalid") || isInkwireError(error, "token_missing");
}
