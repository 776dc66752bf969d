import * as v from "valibot";
import { InkwireError } from "../../protocol/index.js";
import { createRecords } from "../../storage/records.js";
import type { Home } from "../../storage/types.js";
import type { Repair, RepairKind } from "../repair.js";
import type { LedgerRequest } from "./types.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const storedPage = v.object({
  step: v.string(),
  chapter: v.optional(count),
  requests: v.array(
    v.object({
      author: v.string(),
      purpose: v.string(),
      at: v.string(),
      outcome: v.picklist(["open", "finished", "failed", "aborted", "lost", "refused"]),
      inputTokens: count,
      outputTokens: count,
      cachedTokens: v.optional(count),
      estimated: v.boolean(),
      usd: v.optional(v.pipe(v.number(), v.minValue(0))),
    }),
  ),
  repairs: v.array(
    v.object({
      // The union may grow; an older program shows a kind it does not know as it is.
      kind: v.custom<RepairKind>((kind) => typeof kind === "string"),
      message: v.string(),
    }),
  ),
});

/** What one run of a job used for one step. A run writes only its own pages, so two processes never overwrite each other. */
export interface LedgerPage {
  readonly step: string;
  /** 1-based. */
  readonly chapter?: number | undefined;
  readonly requests: readonly LedgerRequest[];
  readonly repairs: readonly Repair[];
}

/** The pages of a book's ledger. */
export interface LedgerStore {
  put(bookId: number, run: string, page: LedgerPage): Promise<void>;
  /** By run, oldest pages first within a step. */
  read(bookId: number): Promise<ReadonlyArray<LedgerPage & { readonly run: string }>>;
  remove(bookId: number): Promise<void>;
}

/** Pages lie at `ledgers:<book>:<run>:<step>`. */
export function createLedgerStore(home: Home, onProblem: (problem: unknown) => void): LedgerStore {
  const records = createRecords<LedgerPage>({
    storage: home.storage,
    prefix: "ledgers",
    version: 1,
    schema: storedPage,
    onDamage: ({ key, movedTo, reason }) =>
      onProblem(
        new InkwireError("record_damaged", `The record ${key} is damaged: ${reason}.`, {
          hint: `It was moved to ${movedTo}; what it counted is missing from the total.`,
        }),
      ),
  });
  return {
    put: (bookId, run, page) => {
      const step = page.chapter === undefined ? page.step : `${page.step}-${page.chapter}`;
      return records.put(`${bookId}:${run}:${step}`, page);
    },
    async read(bookId) {
      const found = await records.list(String(bookId));
      return found
        .map(({ key, value }) => ({ ...value, run: key.split(":")[1] ?? "" }))
        .toSorted((a, b) => (beginOf(a) < beginOf(b) ? -1 : beginOf(a) > beginOf(b) ? 1 : 0));
    },
    async remove(bookId) {
      for (const key of await records.keys(String(bookId))) await records.remove(key);
    },
  };
}

const beginOf = ({ requests }: LedgerPage): string => requests[0]?.at ?? "";
