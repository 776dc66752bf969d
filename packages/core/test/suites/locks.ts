import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import type { Locks } from "../../src/storage/types.js";

/** A place for locks that several openers share. */
export interface LocksPlace extends Disposable {
  /** Opens the place once more, as another process would. */
  open(): Locks;
  /** Lets time pass for everybody, in milliseconds. */
  advance(ms: number): void;
  readonly ttlMs: number;
}

/** What every implementation of `Locks` promises. */
export function describeLocks(name: string, createPlace: () => LocksPlace): void {
  describe(`locks: ${name}`, () => {
    it("gives a lock to one owner at a time", async () => {
      using place = createPlace();
      const [a, b] = [place.open(), place.open()];
      const lease = await a.acquire("jobs:one");
      expect(lease?.token).toBe(1);
      expect(await b.acquire("jobs:one")).toBeUndefined();
      expect(await a.acquire("jobs:one")).toBeUndefined();
      expect(await b.isHeld("jobs:one")).toBe(true);
      expect(await b.isHeld("jobs:two")).toBe(false);
      expect((await b.acquire("jobs:two"))?.token).toBe(1);
    });

    it("gives a higher token to every owner, also after releases", async () => {
      using place = createPlace();
      const tokens: Array<number | undefined> = [];
      for (let round = 0; round < 20; round++) {
        const lease = await place.open().acquire("a");
        tokens.push(lease?.token);
        await lease?.release();
      }
      expect(tokens).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(await place.open().isHeld("a")).toBe(false);
    });

    it("keeps an owner that renews, for as long as it does", async () => {
      using place = createPlace();
      const lease = await place.open().acquire("a");
      for (let round = 0; round < 5; round++) {
        place.advance(place.ttlMs * 0.8);
        await lease?.renew();
        expect(await place.open().acquire("a")).toBeUndefined();
      }
      await lease?.verify();
    });

    it("takes over from an owner that stopped renewing, who then hears of it", async () => {
      using place = createPlace();
      const stale = await place.open().acquire("a");
      place.advance(place.ttlMs + 1_000);
      expect(await place.open().isHeld("a")).toBe(false);
      const next = await place.open().acquire("a");
      expect(next?.token).toBe(2);
      await expect(stale?.verify()).rejects.toSatisfy((error) =>
        isInkwireError(error, "lease_lost"),
      );
      await expect(stale?.renew()).rejects.toSatisfy((error) =>
        isInkwireError(error, "lease_lost"),
      );
      await stale?.release();
      await next?.verify();
      expect(await place.open().isHeld("a")).toBe(true);
    });

    it("lets a late owner go on when nobody took over", async () => {
      using place = createPlace();
      const lease = await place.open().acquire("a");
      place.advance(place.ttlMs * 10);
      await lease?.verify();
      await lease?.renew();
      expect(await place.open().isHeld("a")).toBe(true);
    });

    it("can be released twice, and is lost to its owner then", async () => {
      using place = createPlace();
      const lease = await place.open().acquire("a");
      await lease?.release();
      await lease?.release();
      await expect(lease?.verify()).rejects.toSatisfy((error) =>
        isInkwireError(error, "lease_lost"),
      );
      expect((await place.open().acquire("a"))?.token).toBe(2);
    });

    it("forgets a lock, whose owner hears of it", async () => {
      using place = createPlace();
      const lease = await place.open().acquire("a");
      await place.open().forget("a");
      await place.open().forget("never-there");
      await expect(lease?.verify()).rejects.toSatisfy((error) =>
        isInkwireError(error, "lease_lost"),
      );
      expect(await place.open().isHeld("a")).toBe(false);
    });

    it("is held anew after it was released and forgotten", async () => {
      using place = createPlace();
      const locks = place.open();
      const first = await locks.acquire("a");
      void first?.release();
      await locks.forget("a");
      const next = await locks.acquire("a");
      expect(next?.token).toBeDefined();
      expect(await locks.isHeld("a")).toBe(true);
      expect(await place.open().acquire("a")).toBeUndefined();
      await next?.verify();
    });

    it("counts each sequence from 1, without holes and for all openers", async () => {
      using place = createPlace();
      const numbers: number[] = [];
      for (let round = 0; round < 40; round++) numbers.push(await place.open().nextNumber("books"));
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
      expect(await place.open().nextNumber("jobs")).toBe(1);
    });

    it("gives no number twice to callers at the same time", async () => {
      using place = createPlace();
      const numbers = await Promise.all(
        Array.from({ length: 50 }, () => place.open().nextNumber("books")),
      );
      expect(new Set(numbers).size).toBe(50);
    });

    it.each(["", "A", "a/b", "../a", "a::b", "a.b", "ä", "a\u0000", "a b"])(
      "refuses the name %j",
      async (bad) => {
        using place = createPlace();
        const locks = place.open();
        for (const call of [
          locks.acquire(bad),
          locks.isHeld(bad),
          locks.forget(bad),
          locks.nextNumber(bad),
        ]) {
          await expect(call).rejects.toSatisfy((error) => isInkwireError(error, "invalid_option"));
        }
      },
    );
  });
}
