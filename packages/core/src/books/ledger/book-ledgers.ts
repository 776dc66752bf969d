import { randomBytes } from "node:crypto";
import type { Home } from "../../storage/types.js";
import type { AuthorPlace } from "../author-events.js";
import type { Allowed, Author } from "../authors/author.js";
import type { PlannedRequest, SpentRequest } from "../authors/requests.js";
import type { Repair } from "../repair.js";
import type { BookRecord } from "../book-record.js";
import { createLedgerStore, type LedgerPage } from "./ledger-store.js";
import { openLedger, type OpenLedger } from "./open-ledger.js";
import type { Prices } from "./prices.js";
import { sumRequests } from "./total.js";
import type { BookLedger, BookLimits, LedgerPart, LedgerRequest, LedgerTotal } from "./types.js";

/** The ledgers of all books: open while a job runs here, readable always. */
export interface BookLedgers {
  /** As `AuthorEvents` has them; of a job that is not open here they say and do nothing. */
  onRequest(place: AuthorPlace, planned: PlannedRequest, signal: AbortSignal): Promise<Allowed>;
  onUsage(place: AuthorPlace, spent: SpentRequest): void;
  onRepair(place: AuthorPlace, repair: Repair): void;
  /** Before a run's first request; `job` is what the events of the run carry. */
  open(job: string, record: BookRecord, author: Author): Promise<void>;
  wrote(job: string, chapter: number | "outline", words: number): void;
  /** While it is open: all that the book used so far. */
  totalOf(job: string): LedgerTotal | undefined;
  /** When a run has ended. Nothing waits for it but `settled`. */
  close(job: string): void;
  /** @param isAlive - whether somebody works on the book: else what is open was lost with its process. */
  read(record: BookRecord, isAlive: boolean): Promise<BookLedger>;
  remove(bookId: number): Promise<void>;
  settled(): Promise<void>;
}

export interface BookLedgersOptions {
  readonly home: Home;
  readonly prices: Prices;
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

export function createBookLedgers({
  home,
  prices,
  now,
  onProblem,
}: BookLedgersOptions): BookLedgers {
  const store = createLedgerStore(home, onProblem);
  const open = new Map<string, OpenLedger>();
  const closing = new Map<OpenLedger, Promise<void>>();

  return {
    async open(job, record, author) {
      const ledger = await openLedger({
        bookId: record.id,
        run: randomBytes(6).toString("hex"),
        language: record.request.language,
        billings: author.billings ?? [],
        limits: limitsOf(record),
        prices,
        store,
        now,
        onProblem,
      });
      open.set(job, ledger);
    },
    onRequest: async (place, planned, signal) =>
      open.get(place.jobId)?.onRequest(place, planned, signal),
    onUsage: (place, spent) => open.get(place.jobId)?.onUsage(place, spent),
    onRepair: (place, repair) => open.get(place.jobId)?.onRepair(place, repair),
    wrote: (job, chapter, words) => open.get(job)?.wrote(chapter, words),
    totalOf: (job) => open.get(job)?.total(),
    close(job) {
      const ledger = open.get(job);
      open.delete(job);
      if (ledger === undefined) return;
      closing.set(
        ledger,
        ledger.close().finally(() => closing.delete(ledger)),
      );
    },
    async read(record, isAlive) {
      // What is told already is to be read as well: an end is told before its last line is on disk.
      const here = [...open.values(), ...closing.keys()].filter(
        ({ bookId }) => bookId === record.id,
      );
      await Promise.all(here.map((ledger) => ledger.saved()));
      const pages = await store.read(record.id);
      const parts = partsOf(pages, isAlive ? pages.at(-1)?.run : undefined);
      return {
        total: sumRequests(parts.flatMap(({ requests }) => requests)),
        limits: limitsOf(record),
        parts,
      };
    },
    remove: (bookId) => store.remove(bookId),
    async settled() {
      await Promise.all(closing.values());
    },
  };
}

function limitsOf({ request: { maxCostUsd, maxTokens } }: BookRecord): BookLimits {
  return {
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

/** One part for each step, the outline first, then chapters by number. @param living - the run that may still end what is open. */
function partsOf(
  pages: ReadonlyArray<LedgerPage & { readonly run: string }>,
  living: string | undefined,
): LedgerPart[] {
  const parts = new Map<
    string,
    { page: LedgerPage; requests: LedgerRequest[]; repairs: LedgerPart["repairs"] }
  >();
  for (const page of pages) {
    const key = `${page.step}/${page.chapter ?? 0}`;
    const part = parts.get(key) ?? { page, requests: [], repairs: [] };
    parts.set(key, part);
    for (const request of page.requests) {
      const lost = request.outcome === "open" && page.run !== living;
      part.requests.push(lost ? { ...request, outcome: "lost" } : request);
    }
    part.repairs = [...part.repairs, ...page.repairs];
  }
  return [...parts.values()]
    .map(({ page: { step, chapter }, requests, repairs }) => ({
      step,
      ...(chapter === undefined ? {} : { chapter }),
      total: sumRequests(requests),
      requests,
      repairs,
    }))
    .toSorted((a, b) => (a.chapter ?? 0) - (b.chapter ?? 0));
}
