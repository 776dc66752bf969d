import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { createStorage } from "unstorage";
import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { createDatabase } from "../../src/storage/database.js";
import { databaseDriver } from "../../src/storage/database-driver.js";
import { openHome } from "../../src/storage/home.js";
import { createRecords } from "../../src/storage/records.js";
import { loadSqlite } from "../../src/storage/sqlite.js";
import { askDatabase, damageDatabase, keysInDatabase } from "../support/home-database.js";
import { smallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const noSmallDisk = whyNoSmallDisk();

function open(path: string) {
  const database = createDatabase(join(path, "jobs.db"));
  return createStorage({ driver: databaseDriver({ database, prefix: "jobs" }) });
}

describe("the database driver", () => {
  it("gives back what was stored, text and bytes, also to the next opener", async () => {
    using directory = tempDirectory();
    const storage = open(directory.path);
    await storage.setItem("a:7", '{"v":1}');
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await storage.setItemRaw("bytes", bytes);
    const other = open(directory.path);
    for (const reader of [storage, other]) {
      expect(await reader.getItemRaw("a:7")).toBe('{"v":1}');
      expect(new Uint8Array((await reader.getItemRaw<Uint8Array>("bytes")) ?? [])).toEqual(bytes);
      expect(await reader.hasItem("bytes")).toBe(true);
      expect(await reader.getItem("nothing")).toBeNull();
    }
    await storage.removeItem("bytes");
    await storage.removeItem("never-there");
    expect(await storage.getItemRaw("bytes")).toBeNull();
    await other.dispose();
    await storage.dispose();
    await storage.dispose();
    expect(readdirSync(directory.path)).toEqual(["jobs.db"]);
    await expect(storage.setItem("late", "x")).rejects.toSatisfy((error) =>
      isInkwireError(error, "closed"),
    );
  });

  it("acts like a map for any sequence of writes and removals, and lists like files do", async () => {
    const key = fc
      .array(fc.constantFrom("a", "b", "a-1", "0"), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(":"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key, value: fc.option(fc.string()) }), { maxLength: 12 }),
        async (changes) => {
          using directory = tempDirectory();
          const storage = open(directory.path);
          const map = new Map<string, string>();
          for (const { key, value } of changes) {
            if (value === null) {
              await storage.removeItem(key);
              map.delete(key);
            } else {
              await storage.setItem(key, value);
              map.set(key, value);
            }
          }
          expect((await storage.getKeys()).toSorted()).toEqual([...map.keys()].toSorted());
          expect((await storage.getKeys("a")).toSorted()).toEqual(
            [...map.keys()].filter((name) => name.startsWith("a:")).toSorted(),
          );
          for (const [name, text] of map) expect(await storage.getItemRaw(name)).toBe(text);
          await storage.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("refuses keys that are not ours, and values that are neither text nor bytes", async () => {
    using directory = tempDirectory();
    const driver = databaseDriver({
      database: createDatabase(join(directory.path, "jobs.db")),
      prefix: "jobs",
    });
    for (const key of ["", "A", "a/b", "../a", "a::b", "a.b", "a;b", "ä", "a%", "a'--"]) {
      await expect((async () => driver.getItem(key))()).rejects.toMatchObject({
        code: "invalid_option",
      });
      await expect((async () => driver.setItem?.(key, "x", {}))()).rejects.toMatchObject({
        code: "invalid_option",
      });
    }
    expect(await driver.getKeys("../", {})).toEqual([]);
    await expect(open(directory.path).setItemRaw("a", 7)).rejects.toThrow(TypeError);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it("is for this user only", async () => {
    using directory = tempDirectory();
    const storage = open(directory.path);
    await storage.setItem("a", "x");
    for (const name of readdirSync(directory.path))
      expect(statSync(join(directory.path, name)).mode & 0o077).toBe(0);
    expect(readdirSync(directory.path)).toContain("jobs.db-wal");
  });

  it("refuses the write of an owner that has a successor, in the write itself", async () => {
    using directory = tempDirectory();
    const [home, other] = [await openHome(directory.path), await openHome(directory.path)];
    const records = createRecords({
      storage: home.storage,
      prefix: "jobs",
      version: 1,
      schema: v.string(),
    });
    const lease = await home.locks.acquire("jobs:one");
    if (lease === undefined) throw new Error("expected a lease");
    await records.put("one", "mine", { lease });
    askDatabase(directory.path, "update locks set heartbeat = 0");
    const next = await other.locks.acquire("jobs:one");
    expect(next?.token).toBe(2);
    // It does not even look first.
    await expect(records.put("one", "late", { lease, isNew: true })).rejects.toSatisfy((error) =>
      isInkwireError(error, "lease_lost"),
    );
    expect(await records.get("one")).toBe("mine");
    if (next !== undefined) await records.put("one", "theirs", { lease: next });
    expect(await records.get("one")).toBe("theirs");
    // Elsewhere it is looked at before.
    const files = createRecords({
      storage: home.storage,
      prefix: "books",
      version: 1,
      schema: v.string(),
    });
    await expect(files.put("one", "late", { lease })).rejects.toSatisfy((error) =>
      isInkwireError(error, "lease_lost"),
    );
    expect(await files.get("one")).toBeUndefined();
    await home.close();
    await other.close();
  });

  it("leaves what was acknowledged when the writer is killed", { timeout: 60_000 }, async () => {
    using directory = tempDirectory();
    for (let round = 0; round < 3; round++) {
      await using writer = startSource("./processes/write-rows.ts", import.meta.url, [
        directory.path,
        String(round),
      ]);
      expect(await writer.line()).toBe("writing");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
      const ended = writer.kill();
      let said = -1;
      for (let line = await writer.line(); line !== undefined; line = await writer.line())
        said = Number(line);
      await ended;
      const keys = keysInDatabase(directory.path, `jobs:${round}-`);
      // Each was said after it was stored, in order, and none is half there.
      expect(keys.length).toBeGreaterThanOrEqual(said + 1);
      expect(keys.length).toBeLessThanOrEqual(said + 3);
      const rows = askDatabase(directory.path, "select value from records");
      for (const { value } of rows)
        expect(JSON.parse(String(value))).toMatchObject({ text: expect.any(String) });
    }
  });
});

describe.skipIf(noSmallDisk !== undefined)("a database on a full disk", () => {
  it("says so, keeps what was there, and lets through what fits of what is asked for together", async () => {
    using disk = smallDisk(1_024);
    const storage = open(disk.path);
    await storage.setItem("a", "old");
    const big = "new".repeat(200_000);
    const outcomes = await Promise.allSettled([
      storage.setItem("small", "x"),
      storage.setItem("a", big),
      storage.setItem("a", big + big),
      storage.setItem("b", "y"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(outcomes[2]).toMatchObject({ reason: { code: "disk_full", retryable: true } });
    expect(await storage.getItemRaw("a")).toBe(big);
    disk.fill();
    await expect(storage.setItem("a", big + big)).rejects.toMatchObject({
      code: "disk_full",
    });
    expect(await storage.getItemRaw("a")).toBe(big);
    expect(await storage.getKeys()).toEqual(["a", "b", "small"]);
    disk.free();
    await storage.setItem("a", "newest");
    expect(await open(disk.path).getItemRaw("a")).toBe("newest");
  });
});

describe("a damaged database", () => {
  async function filled(path: string) {
    const home = await openHome(path);
    for (let index = 0; index < 300; index++)
      await home.storage.setItem(
        `steps:job:s:${1000 + index}`,
        JSON.stringify({ text: "x".repeat(400) }),
      );
    await home.close();
  }
  const putAside = (path: string) =>
    readdirSync(path).filter((name) => name.startsWith("jobs.db.damaged-"));

  it("that is none any more is put aside, named, and never written over", async () => {
    using directory = tempDirectory();
    await filled(directory.path);
    writeFileSync(
      join(directory.path, "jobs.db"),
      "this is no database, and long enough for one".repeat(200),
    );
    const home = await openHome(directory.path);
    // Also those who ask together hear of it, all of them.
    const outcomes = await Promise.allSettled([
      home.storage.setItem("jobs:a", "x"),
      home.storage.setItem("jobs:b", "x"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const error: unknown = outcomes.map((outcome) => "reason" in outcome && outcome.reason)[0];
    const [aside = ""] = putAside(directory.path);
    expect(error).toMatchObject({
      code: "record_damaged",
      message: expect.stringContaining(join(directory.path, aside)),
      hint: expect.stringContaining("Start again"),
    });
    expect(readFileSync(join(directory.path, aside), "utf8")).toMatch(/^this is no database/);
    // Told once; from then on it works, with what is left.
    expect(await home.storage.getKeys("steps")).toEqual([]);
    await home.storage.setItem("jobs:a", "x");
    await home.close();
    expect(putAside(directory.path)).toHaveLength(1);
  });

  it("is put aside by one process at a time, also after one that was killed at it", async () => {
    using directory = tempDirectory();
    await filled(directory.path);
    writeFileSync(join(directory.path, "jobs.db"), "no database".repeat(1_000));
    const mark = join(directory.path, "jobs.db.salvaging");
    writeFileSync(mark, "");
    const home = await openHome(directory.path);
    await expect(home.storage.getKeys("steps")).rejects.toMatchObject({
      code: "storage_failed",
      retryable: true,
    });
    expect(putAside(directory.path)).toEqual([]);
    const old = Date.now() / 1_000 - 120;
    utimesSync(mark, old, old);
    await expect(home.storage.getKeys("steps")).rejects.toMatchObject({ code: "record_damaged" });
    expect(await home.storage.getKeys("steps")).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    await home.close();
  });

  it("keeps every record that can still be read", async () => {
    using directory = tempDirectory();
    await filled(directory.path);
    damageDatabase(directory.path, 0.45, 0.55);
    const home = await openHome(directory.path);
    const read = async () => {
      for (const key of await home.storage.getKeys("steps")) await home.storage.getItemRaw(key);
    };
    await expect(read()).rejects.toMatchObject({ code: "record_damaged" });
    await home.close();

    const next = await openHome(directory.path);
    await expect(next.storage.getKeys("steps")).rejects.toMatchObject({
      code: "record_damaged",
      message: expect.stringMatching(/and \d+ records could be read from it/),
    });
    const left = await next.storage.getKeys("steps");
    expect(left.length).toBeGreaterThan(100);
    expect(left.length).toBeLessThan(300);
    for (const key of left)
      expect(JSON.parse((await next.storage.getItemRaw<string>(key)) ?? "")).toEqual({
        text: "x".repeat(400),
      });
    await next.close();
    expect(putAside(directory.path)).toHaveLength(1);
  });

  it("that a newer version made is refused, and stays as it is", async () => {
    using directory = tempDirectory();
    await filled(directory.path);
    askDatabase(directory.path, "pragma user_version = 2");
    const home = await openHome(directory.path);
    await expect(home.storage.getKeys("jobs")).rejects.toMatchObject({ code: "home_newer" });
    await expect(home.locks.acquire("a")).rejects.toMatchObject({ code: "home_newer" });
    await home.close();
    expect(keysInDatabase(directory.path)).toHaveLength(300);
  });
});

describe("loading SQLite", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("keeps the warning back that Node 22 gives with it, and no other", () => {
    const told: unknown[] = [];
    vi.spyOn(process, "emitWarning").mockImplementation((warning) => {
      told.push(warning);
    });
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
      process.emitWarning(
        "SQLite is an experimental feature and might change at any time",
        "ExperimentalWarning",
      );
      process.emitWarning("something else");
      return {};
    });
    loadSqlite();
    expect(told).toEqual(["something else"]);
    process.emitWarning("SQLite is an experimental feature, of somebody else");
    expect(told).toHaveLength(2);
  });

  it("says what is missing on a runtime without it", () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    expect(() => loadSqlite()).toThrow(
      expect.objectContaining({ code: "storage_failed", hint: expect.stringContaining("22.18") }),
    );
  });
});
