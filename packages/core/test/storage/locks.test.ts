import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFileLocks } from "../../src/storage/file-locks.js";
import { createMemoryLocks } from "../../src/storage/memory-locks.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { describeLocks } from "../suites/locks.js";
import { locksOf } from "./support/locks-of.js";

for (const kind of ["file", "database"]) {
  describeLocks(`${kind} locks`, () => {
    const directory = tempDirectory();
    let offset = 0;
    return {
      ttlMs: 15_000,
      open: () => locksOf(kind, directory.path, () => Date.now() + offset),
      advance: (ms) => (offset += ms),
      [Symbol.dispose]: () => directory[Symbol.dispose](),
    };
  });
}

describeLocks("memory locks", () => {
  let time = 0;
  const locks = createMemoryLocks({ now: () => time });
  return {
    ttlMs: 15_000,
    open: () => locks,
    advance: (ms) => (time += ms),
    [Symbol.dispose]: () => {},
  };
});

describe.each(["file", "database"])("%s locks between processes", (kind) => {
  it("takes over at once from a process that was killed", async () => {
    using directory = tempDirectory();
    await using owner = startSource("./processes/hold-lock.ts", import.meta.url, [
      kind,
      directory.path,
      "a",
    ]);
    expect(await owner.line()).toBe("1");
    const locks = locksOf(kind, directory.path);
    expect(await locks.acquire("a")).toBeUndefined();
    await owner.kill();
    expect(await locks.isHeld("a")).toBe(false);
    expect((await locks.acquire("a"))?.token).toBe(2);
  });

  it("gives every number once, and a lock to one at a time, to racing processes", async () => {
    using directory = tempDirectory();
    const racers = Array.from({ length: 4 }, () =>
      startSource("./processes/race.ts", import.meta.url, [kind, directory.path]),
    );
    const outcomes = await Promise.all(
      racers.map(async (racer) => {
        const line = await racer.line();
        expect(await racer.ended).toBe(0);
        return JSON.parse(line ?? "null") as {
          numbers: number[];
          tokens: number[];
          violations: number;
        };
      }),
    );
    const numbers = outcomes.flatMap((outcome) => outcome.numbers);
    const tokens = outcomes.flatMap((outcome) => outcome.tokens);
    expect(numbers).toHaveLength(4 * 60);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(tokens.length).toBeGreaterThan(0);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(outcomes.map(({ violations }) => violations)).toEqual([0, 0, 0, 0]);
    // The folders do not grow with what went through them.
    expect(readdirSync(join(directory.path, "sequences", "books")).length).toBeLessThanOrEqual(32);
    if (kind === "file")
      expect(readdirSync(join(directory.path, "locks", "contested")).length).toBeLessThanOrEqual(4);
  });
});

describe("file locks", () => {
  it("takes an owner whose file was never filled for alive, until its time is over", async () => {
    using directory = tempDirectory();
    const file = join(directory.path, "locks", "a", "7");
    mkdirSync(join(directory.path, "locks", "a"), { recursive: true });
    writeFileSync(file, "");
    const locks = createFileLocks({ directory: directory.path });
    expect(await locks.acquire("a")).toBeUndefined();
    const old = Date.now() / 1_000 - 16;
    utimesSync(file, old, old);
    expect((await locks.acquire("a"))?.token).toBe(8);
  });

  it("does not believe a heartbeat from the far future", async () => {
    using directory = tempDirectory();
    mkdirSync(join(directory.path, "locks", "a"), { recursive: true });
    const file = join(directory.path, "locks", "a", "1");
    writeFileSync(file, JSON.stringify({ pid: 1, host: "another machine" }));
    utimesSync(file, Date.now() / 1_000 + 3_600, Date.now() / 1_000 + 3_600);
    expect((await createFileLocks({ directory: directory.path }).acquire("a"))?.token).toBe(2);
  });

  it("believes the heartbeat of another machine, whatever process numbers there are here", async () => {
    using directory = tempDirectory();
    mkdirSync(join(directory.path, "locks", "a"), { recursive: true });
    writeFileSync(
      join(directory.path, "locks", "a", "1"),
      JSON.stringify({ pid: 999_999_999, host: "another machine" }),
    );
    expect(await createFileLocks({ directory: directory.path }).acquire("a")).toBeUndefined();
  });

  it("keeps a lock and one below it apart, even where that one is called like a token", async () => {
    using directory = tempDirectory();
    const locks = createFileLocks({ directory: directory.path });
    expect((await locks.acquire("a:7"))?.token).toBe(1);
    expect((await locks.acquire("a"))?.token).toBe(1);
  });
});
