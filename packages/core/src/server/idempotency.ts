import { hash } from "node:crypto";
import * as v from "valibot";
import { createExclusive } from "../notifications/exclusive.js";
import { userKey } from "../notifications/user-key.js";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";

/** What a key was used for. */
export interface FirstCall {
  readonly bookId: number;
  readonly taskId: string;
}

export interface KeyedCreation {
  readonly userId: string;
  /** Of the caller's making: 1 to 200 visible characters of ASCII. */
  readonly key: string;
  /** What was asked for. The same key for something else is a mistake of the caller's. */
  readonly body: unknown;
  /** Makes the book; it tells its number before it is stored. */
  readonly create: (onId: (bookId: number) => Promise<void>) => Promise<FirstCall>;
  /** The book of a call that was cut off before it was done, if it came to be; its job is in line then. */
  readonly find: (bookId: number) => Promise<FirstCall | undefined>;
}

/** Makes a call that is sent twice count once, across processes, restarts and crashes. */
export interface Idempotency {
  /**
   * @throws InkwireError `conflict` for a key that was used for something else, `bad_request` for what is no key; whatever
   *   `create` throws, and then the key is free again.
   */
  once(creation: KeyedCreation): Promise<FirstCall & { readonly isReplay: boolean }>;
}

export interface IdempotencyOptions {
  readonly home: Home;
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
  /** How long a key is remembered, in milliseconds. @default 24 hours */
  readonly maxAgeMs?: number | undefined;
  /** How many keys of each user are remembered; the oldest is forgotten first. @default 200 */
  readonly maxPerUser?: number | undefined;
}

const entrySchema = v.object({
  key: v.string(),
  body: v.string(),
  bookId: v.number(),
  /** Absent while the call is under way, or when it was cut off. */
  taskId: v.exactOptional(v.string()),
  atMs: v.number(),
});
const stateSchema = v.object({ entries: v.array(entrySchema) });

type Entry = v.InferOutput<typeof entrySchema>;

/** RFC-less, but a draft: draft-ietf-httpapi-idempotency-key-header. */
const KEY = /^[\x21-\x7E]{1,200}$/;

export function createIdempotency(options: IdempotencyOptions): Idempotency {
  const { home, now, onProblem, maxAgeMs = 86_400_000, maxPerUser = 200 } = options;
  const exclusive = createExclusive(home.locks);
  // One record for each user: a change is one write.
  const records = createRecords({
    storage: home.storage,
    prefix: "idempotency",
    version: 1,
    schema: stateSchema,
  });

  const load = async (user: string): Promise<readonly Entry[]> => {
    try {
      const { entries = [] } = (await records.get(user)) ?? {};
      return entries.filter(({ atMs }) => now() - atMs < maxAgeMs);
    } catch (error) {
      if (!isInkwireError(error, "record_damaged")) throw error;
      onProblem(error);
      return [];
    }
  };

  return {
    async once({ userId, key, body, create, find }) {
      if (!KEY.test(key)) {
        throw new InkwireError(
          "bad_request",
          "Expected an Idempotency-Key of 1 to 200 visible characters of ASCII.",
        );
      }
      const user = userKey(userId);
      const name = hash("sha256", key, "hex");
      const asked = hash("sha256", canonical(body), "hex");

      return exclusive.run(`idempotency:${user}`, async (lease) => {
        const save = async (entry: Entry): Promise<void> => {
          const others = (await load(user)).filter((other) => other.key !== name);
          await records.put(user, { entries: [...others, entry].slice(-maxPerUser) }, { lease });
        };
        const known = (await load(user)).find((entry) => entry.key === name);
        if (known !== undefined && known.body !== asked) {
          throw new InkwireError("conflict", "This Idempotency-Key was used for another request.");
        }
        if (known?.taskId !== undefined) {
          return { bookId: known.bookId, taskId: known.taskId, isReplay: true };
        }
        // A process ended in the middle: the book is there or it is not.
        const found = known === undefined ? undefined : await find(known.bookId);
        const begun = { key: name, body: asked, atMs: now() };
        const made = found ?? (await create((bookId) => save({ ...begun, bookId })));
        await save({ ...begun, bookId: made.bookId, taskId: made.taskId });
        return { ...made, isReplay: found !== undefined };
      });
    },
  };
}

/** One text for one meaning: the order of an object's fields says nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
