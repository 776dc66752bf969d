import type { Repair } from "../repair.js";

/** Where the requests of an author are billed. */
export interface Billing {
  /** The author's id, as requests name it. */
  readonly author: string;
  /** As its provider calls it. */
  readonly model: string;
  /** The address that answers; absent for a model inside this process. */
  readonly endpoint?: string | undefined;
}

/** Tokens of one request or of many. */
export interface TokenCounts {
  /** Of the prompts, those from a cache included. */
  readonly inputTokens: number;
  /** Of the answers, thinking included. */
  readonly outputTokens: number;
  /** The part of `inputTokens` that the provider had in its cache. */
  readonly cachedTokens?: number | undefined;
}

/** How a request to a model ended. `open`: it is under way; `refused`: it never got an answer, and costs nothing. */
export type RequestOutcome = "open" | "finished" | "failed" | "aborted" | "lost" | "refused";

/** One request to a model, as it is kept: the smallest unit that costs something. */
export interface LedgerRequest extends TokenCounts {
  /** `<provider>:<model>` */
  readonly author: string;
  /** Such as `chapter`, `continuation`, `repair`. */
  readonly purpose: string;
  /** ISO 8601, when it was made. */
  readonly at: string;
  readonly outcome: RequestOutcome;
  /** Counted from the text, as the provider did not say. */
  readonly estimated: boolean;
  /** `undefined` where the price is not known; 0 where nobody is paid. */
  readonly usd?: number | undefined;
}

/** A sum of requests. */
export interface LedgerTotal extends TokenCounts {
  readonly requests: number;
  readonly cachedTokens: number;
  /** Whether any part is estimated. */
  readonly estimated: boolean;
  /** Of those whose price is known; `undefined` when none is. */
  readonly usd: number | undefined;
  /** How many requests have no known price. */
  readonly unpriced: number;
}

/** What one part of a book took. */
export interface LedgerPart {
  /** The step: `outline`, `chapter`. */
  readonly step: string;
  /** 1-based, for a chapter. */
  readonly chapter?: number | undefined;
  readonly total: LedgerTotal;
  /** In the order they were made. */
  readonly requests: readonly LedgerRequest[];
  /** What had to be mended, in order. */
  readonly repairs: readonly Repair[];
}

/** What a book may use up in all its runs together. */
export interface BookLimits {
  readonly maxCostUsd?: number | undefined;
  /** Tokens in and out. */
  readonly maxTokens?: number | undefined;
}

/** What a book used up so far, by which part, in all its runs. */
export interface BookLedger {
  readonly total: LedgerTotal;
  readonly limits: BookLimits;
  /** Only parts that needed a model. */
  readonly parts: readonly LedgerPart[];
}
