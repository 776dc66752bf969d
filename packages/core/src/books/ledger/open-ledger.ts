import type { AuthorPlace } from "../author-events.js";
import type { Allowance, PlannedRequest, SpentRequest } from "../authors/requests.js";
import type { Repair } from "../repair.js";
import { createBudget, type Reservation } from "./budget.js";
import { budgetExceeded, priceUnknown } from "./budget-errors.js";
import { languageTokens, thinks } from "./language-tokens.js";
import type { LedgerPage, LedgerStore } from "./ledger-store.js";
import type { PriceTag, Prices } from "./prices.js";
import { sumRequests, tokensOf } from "./total.js";
import type { Billing, BookLimits, LedgerRequest, LedgerTotal } from "./types.js";

/** How often the text of an answer that is under way is written down, so that a kill leaves a fair estimate of it. */
const SAVE_OPEN_MS = 2_000;

/** The ledger of a book during one run of its job. */
export interface OpenLedger {
  readonly bookId: number;
  /**
   * Before a request: sets aside what it could take at worst, and writes down that it is made.
   *
   * @returns how long its answer may be at most, where there is a limit to keep.
   * @throws InkwireError `budget_exceeded` when it could take more than the book may; it is not to be made then.
   */
  onRequest(place: AuthorPlace, planned: PlannedRequest, signal: AbortSignal): Promise<Allowance>;
  onUsage(place: AuthorPlace, spent: SpentRequest): void;
  onRepair(place: AuthorPlace, repair: Repair): void;
  /** How many words the chapter has so far, or the answer that plans the book. */
  wrote(chapter: number | "outline", words: number): void;
  /** Of all runs, with what is under way as far as its text shows. */
  total(): LedgerTotal;
  /** Resolves when all that was told so far is on disk. */
  saved(): Promise<void>;
  /** Lets go of what is set aside. @returns as {@link saved} */
  close(): Promise<void>;
}

export interface OpenLedgerOptions {
  readonly bookId: number;
  /** Names this run; of `a-z` and `0-9`. */
  readonly run: string;
  readonly language: string;
  readonly billings: readonly Billing[];
  readonly limits: BookLimits;
  readonly prices: Prices;
  readonly store: LedgerStore;
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

interface Line {
  request: LedgerRequest;
  readonly tag: PriceTag | undefined;
  /** While it is under way. */
  reservation: Reservation | undefined;
  /** Words that the chapter had when the first ones of this request came. */
  wordsBefore: number | undefined;
  savedAt: number;
}

interface Page {
  readonly step: string;
  readonly chapter: number | undefined;
  readonly lines: Line[];
  readonly repairs: Repair[];
}

/** Opens the ledger for one run; what earlier runs left open was lost with their process, and stays counted. */
export async function openLedger(options: OpenLedgerOptions): Promise<OpenLedger> {
  const { bookId, run, billings, limits, prices, store, now, onProblem } = options;
  const { perWord, charsPerToken } = languageTokens(options.language);
  const before = await store.read(bookId);
  const earlier = before.flatMap((page) => page.requests);
  /** Requests of killed processes that are counted, by step: the author's own word on them is not needed any more. */
  const known = new Map<string, number>();
  for (const page of before) {
    const open = page.requests.filter(({ outcome }) => outcome === "open").length;
    if (open > 0) known.set(nameOf(page), (known.get(nameOf(page)) ?? 0) + open);
  }
  const earlierTotal = sumRequests(earlier);
  const pages = new Map<string, Page>();
  let writing = Promise.resolve();

  const total = (): LedgerTotal => {
    const own = [...pages.values()].flatMap(({ lines }) => lines.map(({ request }) => request));
    return addTotals(earlierTotal, sumRequests(own));
  };
  /** What has ended, and what runs of others may still take. */
  const spent = () => {
    const ended = [...pages.values()].flatMap(({ lines }) =>
      lines.filter((line) => line.reservation === undefined).map(({ request }) => request),
    );
    const sum = addTotals(earlierTotal, sumRequests(ended));
    return { tokens: tokensOf(sum), usd: sum.usd ?? 0 };
  };
  const budget = createBudget({
    limits,
    spent,
    refuse: (worst, used) => budgetExceeded(limits, worst, used),
  });
  const isLimited = limits.maxCostUsd !== undefined || limits.maxTokens !== undefined;

  const pageOf = ({ step }: AuthorPlace): Page => {
    const chapter =
      step.name === "chapter" && step.index !== undefined ? step.index + 1 : undefined;
    const name = nameOf({ step: step.name, chapter });
    const page = pages.get(name) ?? { step: step.name, chapter, lines: [], repairs: [] };
    pages.set(name, page);
    return page;
  };
  const save = (page: Page): Promise<void> => {
    const stored: LedgerPage = {
      step: page.step,
      ...(page.chapter === undefined ? {} : { chapter: page.chapter }),
      requests: page.lines.map(({ request }) => request),
      repairs: [...page.repairs],
    };
    const written = writing.then(() => store.put(bookId, run, stored));
    writing = written.catch(onProblem);
    return written;
  };
  const saveSoon = (page: Page): void => void save(page).catch(() => {});

  return {
    bookId,
    async onRequest(place, planned, signal) {
      const billing = billings.find(({ author }) => author === planned.author);
      const tag = billing === undefined ? undefined : await prices.tagOf(billing);
      const inputTokens = Math.ceil(planned.inputTokens * Math.max(1, 4 / charsPerToken));
      const counts = { inputTokens, outputTokens: 0 };
      const maxOutputTokens = mostOutput(planned, billing?.model ?? planned.author);
      let reservation: Reservation | undefined;
      if (isLimited) {
        if (tag === undefined && limits.maxCostUsd !== undefined)
          throw priceUnknown(planned.author);
        // The prompt was counted by its length: a tenth more is the worst of it.
        const worst = { inputTokens: Math.ceil(inputTokens * 1.1), outputTokens: maxOutputTokens };
        reservation = await budget.reserve(
          { tokens: worst.inputTokens + maxOutputTokens, usd: tag?.cost(worst) },
          signal,
        );
      }
      const page = pageOf(place);
      page.lines.push({
        tag,
        reservation,
        wordsBefore: undefined,
        savedAt: now(),
        request: {
          author: planned.author,
          purpose: planned.purpose,
          at: new Date(now()).toISOString(),
          outcome: "open",
          estimated: true,
          ...counts,
          ...priced(tag, counts),
        },
      });
      try {
        // On disk before anything is spent: a request that a killed process made is never forgotten.
        await save(page);
      } catch (error) {
        page.lines.pop();
        reservation?.release();
        throw error;
      }
      return isLimited ? { maxOutputTokens } : {};
    },

    onUsage(place, { author, purpose, usage, outcome }) {
      const page = pageOf(place);
      const name = nameOf(page);
      const left = known.get(name) ?? 0;
      if (outcome === "lost" && left > 0) {
        known.set(name, left - 1);
        return;
      }
      const { inputTokens, outputTokens, cachedTokens, estimated } = usage;
      const line = page.lines.findLast(
        ({ request }) => request.outcome === "open" && request.author === author,
      );
      const counts = {
        inputTokens,
        outputTokens,
        ...(cachedTokens === undefined ? {} : { cachedTokens }),
      };
      const request: LedgerRequest = {
        author,
        purpose,
        at: line?.request.at ?? new Date(now()).toISOString(),
        outcome,
        estimated,
        ...counts,
        ...(outcome === "refused" ? { usd: 0 } : priced(line?.tag, counts)),
      };
      if (line === undefined) {
        page.lines.push({
          request,
          tag: undefined,
          reservation: undefined,
          wordsBefore: undefined,
          savedAt: 0,
        });
      } else {
        line.request = request;
        line.reservation?.release();
        line.reservation = undefined;
      }
      saveSoon(page);
    },

    onRepair(place, repair) {
      const page = pageOf(place);
      page.repairs.push(repair);
      saveSoon(page);
    },

    wrote(chapter, words) {
      const page = pages.get(
        chapter === "outline" ? chapter : nameOf({ step: "chapter", chapter }),
      );
      if (page === undefined) return;
      const line = page.lines.at(-1);
      if (line === undefined || line.request.outcome !== "open") return;
      // A chapter that goes on begins with the words that it has.
      line.wordsBefore ??= words;
      const outputTokens = Math.ceil(Math.max(0, words - line.wordsBefore) * perWord);
      const counts = { inputTokens: line.request.inputTokens, outputTokens };
      line.request = { ...line.request, ...counts, ...priced(line.tag, counts) };
      if (now() - line.savedAt < SAVE_OPEN_MS) return;
      line.savedAt = now();
      saveSoon(page);
    },

    total,

    saved: () => writing,

    close() {
      for (const { lines } of pages.values()) {
        for (const line of lines) line.reservation?.release();
      }
      return writing;
    },
  };
}

/** Twice a good answer, with room to think for a model that does: a hard limit, which the provider keeps. */
function mostOutput({ outputTokens }: PlannedRequest, model: string): number {
  return 2 * Math.ceil(outputTokens) + (thinks(model) ? 16_000 : 2_000);
}

function priced(
  tag: PriceTag | undefined,
  counts: { readonly inputTokens: number; readonly outputTokens: number },
): { readonly usd?: number } {
  return tag === undefined ? {} : { usd: tag.cost(counts) };
}

function addTotals(a: LedgerTotal, b: LedgerTotal): LedgerTotal {
  const requests = a.requests + b.requests;
  const unpriced = a.unpriced + b.unpriced;
  return {
    requests,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    estimated: a.estimated || b.estimated,
    usd: requests > 0 && unpriced === requests ? undefined : (a.usd ?? 0) + (b.usd ?? 0),
    unpriced,
  };
}

const nameOf = ({ step, chapter }: Pick<LedgerPage, "step" | "chapter">): string =>
  chapter === undefined ? step : `${step}/${chapter}`;
