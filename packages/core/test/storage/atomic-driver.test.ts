import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { createStorage, type Storage } from "unstorage";
import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { atomicDriver } from "../../src/storage/atomic-driver.js";
import { smallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const open = (base: string) => createStorage({ driver: atomicDriver({ base }) });
const readBytes = async (storage: Storage, key: string) =>
  Buffer.from((await storage.getItemRaw<Buffer>(key)) ?? "");
const noSmallDisk = whyNoSmallDisk();
if (noSmallDisk !== undefined)
  console.warn(`SKIPPED: the tests with a full disk, because ${noSmallDisk}`);

describe("the atomic driver", () => {
  it("gives back what was stored, text and bytes", async () => {
    using directory = tempDirectory();
    const storage = open(directory.path);
    await storage.setItem("books:7", '{"v":1}');
    expect((await readBytes(storage, "books:7")).toString()).toBe('{"v":1}');
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await storage.setItemRaw("pictures:one", bytes);
    expect(new Uint8Array(await readBytes(storage, "pictures:one"))).toEqual(bytes);
    expect(await storage.hasItem("pictures:one")).toBe(true);
    await storage.removeItem("pictures:one");
    await storage.removeItem("pictures:never-there");
    expect(await storage.getItemRaw("pictures:one")).toBeNull();
    expect(await storage.getItem("nothing:here")).toBeNull();
  });

  it("lists its keys, below a prefix and down to a depth, and nothing else that lies there", async () => {
    using directory = tempDirectory();
    const storage = open(directory.path);
    for (const key of ["a", "a:b", "a:b:c", "ab", "b:c"]) await storage.setItem(key, "x");
    writeFileSync(join(directory.path, "a", "note.txt"), "");
    writeFileSync(join(directory.path, "a", "Upper.item"), "");
    mkdirSync(join(directory.path, ".git"));
    writeFileSync(join(directory.path, ".git", "b.item"), "");
    expect((await storage.getKeys()).toSorted()).toEqual(["a", "a:b", "a:b:c", "ab", "b:c"]);
    expect((await storage.getKeys("a")).toSorted()).toEqual(["a:b", "a:b:c"]);
    expect(await storage.getKeys("a:b")).toEqual(["a:b:c"]);
    expect((await storage.getKeys("", { maxDepth: 1 })).toSorted()).toEqual([
      "a",
      "a:b",
      "ab",
      "b:c",
    ]);
    expect(await storage.getKeys("none")).toEqual([]);
    expect(await open(join(directory.path, "not-there")).getKeys()).toEqual([]);
  });

  it("acts like a map for any sequence of writes and removals", async () => {
    const key = fc
      .array(fc.constantFrom("a", "b", "a-1", "0"), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(":"));
    const change = fc.record({
      key,
      value: fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        using directory = tempDirectory();
        const storage = open(directory.path);
        const model = new Map<string, string>();
        for (const { key: at, value } of changes) {
          if (value === undefined) {
            model.delete(at);
            await storage.removeItem(at);
          } else {
            // Raw bytes, since a lone surrogate has no UTF-8.
            model.set(at, value);
            await storage.setItemRaw(at, Buffer.from(value, "utf16le"));
          }
        }
        const again = open(directory.path);
        expect((await again.getKeys()).toSorted()).toEqual([...model.keys()].toSorted());
        for (const [at, value] of model) {
          expect((await readBytes(again, at)).toString("utf16le")).toBe(value);
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each(["Title", "käse", "a b", "a.b", "x$", "a:..:b", "-\u0000", "a".repeat(200)])(
    "refuses the key %j",
    async (key) => {
      using directory = tempDirectory();
      const driver = atomicDriver({ base: directory.path });
      const refused = (act: () => unknown) =>
        expect(async () => act()).rejects.toSatisfy((e) => isInkwireError(e, "invalid_option"));
      await refused(() => driver.setItem?.(key, "x", {}));
      await refused(() => driver.getItem(key));
      await refused(() => driver.hasItem(key, {}));
      await refused(() => driver.removeItem?.(key, {}));
      expect(readdirSync(directory.path)).toEqual([]);
    },
  );

  it("refuses to store raw what is neither text nor bytes", async () => {
    using directory = tempDirectory();
    await expect(open(directory.path).setItemRaw("a", 7)).rejects.toThrow(TypeError);
  });

  it("says with the path when a file is in the way of a folder", async () => {
    using directory = tempDirectory();
    writeFileSync(join(directory.path, "books"), "in the way");
    await expect(open(directory.path).setItem("books:7", "x")).rejects.toSatisfy(
      (error) =>
        isInkwireError(error, "storage_failed") &&
        error.message.includes(join("books", "7")) &&
        error.hint !== undefined,
    );
    expect(await open(directory.path).getItem("books:7")).toBeNull();
  });

  it("never lets a reader see half of a record while another process writes", async () => {
    using directory = tempDirectory();
    await using writer = startSource("./processes/write-for-ever.ts", import.meta.url, [
      directory.path,
    ]);
    expect(await writer.line()).toBe("writing");
    const storage = open(directory.path);
    for (let round = 0; round < 300; round++) {
      const text = (await readBytes(storage, "record")).toString();
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
  });

  it(
    "leaves whole records when the writer is killed, and cleans up after it",
    { timeout: 30_000 },
    async () => {
      using directory = tempDirectory();
      for (let round = 0; round < 8; round++) {
        await using writer = startSource("./processes/write-for-ever.ts", import.meta.url, [
          directory.path,
        ]);
        expect(await writer.line()).toBe("writing");
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        await writer.kill();
        const text = (await readBytes(open(directory.path), "record")).toString();
        expect(() => JSON.parse(text) as unknown).not.toThrow();
      }
      expect(readdirSync(join(directory.path, ".tmp"))).toEqual([]);
    },
  );

  it("leaves the temporary files of living processes and of other machines alone", () => {
    using directory = tempDirectory();
    const temp = join(directory.path, ".tmp");
    mkdirSync(temp);
    writeFileSync(join(temp, "1-aaaaaaaaaaaa-00000000-1"), "");
    open(directory.path);
    expect(existsSync(join(temp, "1-aaaaaaaaaaaa-00000000-1"))).toBe(true);
  });
});

describe.skipIf(noSmallDisk !== undefined)("the atomic driver on a full disk", () => {
  it("says so, keeps the old value whole, and works again once there is space", async () => {
    using disk = smallDisk(256);
    const storage = open(join(disk.path, "records"));
    await storage.setItem("a", "old");
    disk.fill();
    const big = "new".repeat(50_000);
    await expect(storage.setItem("a", big)).rejects.toSatisfy(
      (error) => isInkwireError(error, "disk_full") && error.retryable && error.hint !== undefined,
    );
    await expect(storage.setItem("b", big)).rejects.toSatisfy((error) =>
      isInkwireError(error, "disk_full"),
    );
    expect(await storage.getItem("a")).toBe("old");
    expect(await storage.getKeys()).toEqual(["a"]);
    expect(readdirSync(join(disk.path, "records", ".tmp"))).toEqual([]);
    disk.free();
    await storage.setItem("a", big);
    expect(await storage.getItem("a")).toBe(big);
  });
});
