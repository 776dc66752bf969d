import type { BookLimits } from "./types.js";

/** The most that a request can take. */
export interface WorstCase {
  readonly tokens: number;
  /** `undefined` where the price is not known. */
  readonly usd: number | undefined;
}

/** What is used up already, for good. */
export interface Spent {
  readonly tokens: number;
  readonly usd: number;
}

/** A place in the budget that is held for one request until it has ended. */
export interface Reservation {
  release(): void;
}

/** Keeps a book within its limits: what a request could take at worst is set aside before it is made. */
export interface Budget {
  /**
   * Resolves when `worst` fits beside what is spent and what is set aside. While others hold a part, it waits for them:
   * most take far less than their worst case.
   *
   * @throws what `refuse` makes when it does not fit even alone; the signal's reason.
   */
  reserve(worst: WorstCase, signal: AbortSignal): Promise<Reservation>;
}

export interface BudgetOptions {
  readonly limits: BookLimits;
  readonly spent: () => Spent;
  /** Makes the error for what no longer fits. */
  readonly refuse: (worst: WorstCase, spent: Spent) => Error;
}

export function createBudget({ limits, spent, refuse }: BudgetOptions): Budget {
  const { maxCostUsd, maxTokens } = limits;
  const held = new Set<WorstCase>();
  let waiting: Array<() => void> = [];

  const fits = (worst: WorstCase, beside: Iterable<WorstCase>): boolean => {
    let { tokens, usd } = spent();
    tokens += worst.tokens;
    usd += worst.usd ?? Number.POSITIVE_INFINITY;
    for (const other of beside) {
      tokens += other.tokens;
      usd += other.usd ?? 0;
    }
    return (
      (maxTokens === undefined || tokens <= maxTokens) &&
      (maxCostUsd === undefined || usd <= maxCostUsd)
    );
  };

  return {
    async reserve(worst, signal) {
      while (!fits(worst, held)) {
        signal.throwIfAborted();
        if (held.size === 0 || !fits(worst, [])) throw refuse(worst, spent());
        await nextRelease(signal);
      }
      held.add(worst);
      return {
        release() {
          if (!held.delete(worst)) return;
          const woken = waiting;
          waiting = [];
          for (const wake of woken) wake();
        },
      };
    },
  };

  function nextRelease(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      waiting.push(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
