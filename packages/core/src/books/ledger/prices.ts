import { InkwireError } from "../../protocol/index.js";
import type { Billing, TokenCounts } from "./types.js";

/** What the requests of one model cost. */
export interface PriceTag {
  /** In USD, of one request: some prices grow with the length of a prompt. */
  cost(counts: TokenCounts): number;
  /** It runs on this machine: every cost is 0. */
  readonly isFree: boolean;
  /** Where it comes from, for people, such as `list price of gpt-5-mini at OpenAI`. */
  readonly source: string;
}

/** A price of one's own, in USD for a million tokens. */
export interface OwnPrice {
  readonly inputUsd: number;
  readonly outputUsd: number;
}

/** Knows what models cost. */
export interface Prices {
  /** `undefined` where it is not known, which is never taken for nothing. */
  tagOf(billing: Billing): Promise<PriceTag | undefined>;
}

export interface PricesOptions {
  /** Counts for every model, also for one on this machine, which may pass requests on. @default none */
  readonly own?: OwnPrice | undefined;
}

const million = 1_000_000;

/**
 * Prices from the table that comes with `@pydantic/genai-prices`: offline, and loaded only when somebody has to be paid.
 * A server on this machine costs nothing.
 */
export function createPrices({ own }: PricesOptions = {}): Prices {
  return {
    async tagOf({ model, endpoint }) {
      if (own !== undefined) return ownTag(own);
      if (endpoint === undefined || isLoopback(endpoint)) return freeTag;
      const { calcPrice } = await import("@pydantic/genai-prices");
      const look = (counts: TokenCounts) =>
        calcPrice(asUsage(counts), model, { providerApiUrl: endpoint });
      const found = look({ inputTokens: million, outputTokens: million });
      if (found === null) return undefined;
      return {
        cost: (counts) => look(counts)?.total_price ?? 0,
        isFree: false,
        source: `list price of ${found.model.name ?? model} at ${found.provider.name}`,
      };
    },
  };
}

const freeTag: PriceTag = { cost: () => 0, isFree: true, source: "it runs on this machine" };

function ownTag({ inputUsd, outputUsd }: OwnPrice): PriceTag {
  return {
    cost: ({ inputTokens, outputTokens }) =>
      (inputTokens * inputUsd + outputTokens * outputUsd) / million,
    isFree: inputUsd === 0 && outputUsd === 0,
    source: `your own price of $${inputUsd} in and $${outputUsd} out for a million tokens`,
  };
}

/** The table refuses a cache that is larger than its prompt; what a provider reports is not ours to trust. */
function asUsage({ inputTokens, outputTokens, cachedTokens = 0 }: TokenCounts) {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_read_tokens: Math.min(cachedTokens, inputTokens),
  };
}

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/**
 * A price as `INKWIRE_PRICE` says it: USD for a million tokens in and out, such as `0.25/2`.
 *
 * @throws InkwireError `invalid_option`
 */
export function parseOwnPrice(text: string): OwnPrice {
  const [, input, output] = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  if (input === undefined || output === undefined) {
    throw new InkwireError(
      "invalid_option",
      "Expected INKWIRE_PRICE to be USD for a million tokens in and out, such as 0.25/2",
    );
  }
  return { inputUsd: Number(input), outputUsd: Number(output) };
}
