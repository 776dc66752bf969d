import * as v from "valibot";
import { createStorage, type Storage } from "unstorage";
import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { atomicDriver } from "../../src/storage/atomic-driver.js";
import type { Damage } from "../../src/storage/quarantine.js";
import { createRecords } from "../../src/storage/records.js";
import { redisDriver } from "../../src/redis/storage.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";
import { smallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { tempDirectory } from "../support/temp-directory.js";

const schema = v.object({ title: v.string() });
const shared = shareRedis();
const noSmallDisk = whyNoSmallDisk();

const open = (storage: Storage, version = 1, damages: Damage[] = []) =>
  createRecords({
    storage,
    prefix: "books",
    version,
    schema,
    onDamage: (damage) => damages.push(damage),
  });

const damaged = (error: unknown) => isInkwireError(error, "record_damaged");

describe.each([
  ["memory", () => ({ storage: createStorage(), [Symbol.dispose]: () => {} })],
  ...(hasRedis
    ? [
        [
          "Redis",
          () => {
            const driver = redisDriver({ redis: shared.redis, tag: `{${shared.newPrefix()}}` });
            return { storage: createStorage({ driver }), [Symbol.dispose]: () => {} };
          },
        ] as const,
      ]
    : []),
  [
    "files",
    () => {
      const directory = tempDirectory();
      const storage = createStorage({ driver: atomicDriver({ base: directory.path }) });
      return { storage, [Symbol.dispose]: () => directory[Symbol.dispose]() };
    },
  ],
] as const)("records in %s", (_, create) => {
  it("gives back what was put, and lists it by key", async () => {
    using place = create();
    const books = open(place.storage);
    await books.put("b", { title: "123" });
    await books.put("a:1", { title: "null" });
    expect(await books.get("b")).toEqual({ title: "123" });
    expect(await books.get("c")).toBeUndefined();
    expect(await books.has("a:1")).toBe(true);
    expect(await open(place.storage).list()).toEqual([
      { key: "a:1", value: { title: "null" } },
      { key: "b", value: { title: "123" } },
    ]);
    expect(await books.keys("a")).toEqual(["a:1"]);
    await books.remove("b");
    expect(await books.get("b")).toBeUndefined();
  });

  it.each([
    ["cut JSON", '{"v":1,"data":{"title":"The Ti'],
    ["an empty file", ""],
    ["a number", "123"],
    ["null", "null"],
    ["an array", "[1]"],
    ["no envelope", '{"title":"x"}'],
    ["a version that is none", '{"v":"1","data":{"title":"x"}}'],
    ["data of another shape", '{"v":1,"data":{"title":7}}'],
    ["bytes that are no text", new Uint8Array([0x7b, 0xff, 0xfe])],
  ])("moves %s to the quarantine, names it, and goes on", async (_name, raw) => {
    using place = create();
    const damages: Damage[] = [];
    const books = open(place.storage, 1, damages);
    await books.put("good", { title: "fine" });
    await place.storage.setItemRaw("books:bad", raw);

    await expect(books.get("bad")).rejects.toSatisfy(
      (error) => damaged(error) && (error as Error).message.includes("books:bad"),
    );
    expect(damages).toHaveLength(1);
    const moved = damages[0]?.movedTo ?? "";
    expect(moved).toMatch(/^quarantine:books:bad:\d{8}t\d{9}z-[0-9a-f]{6}$/);
    const kept: unknown = await place.storage.getItemRaw(moved);
    expect(Buffer.from(kept as string)).toEqual(Buffer.from(raw as string));
    expect(await books.get("bad")).toBeUndefined();
    expect(await books.list()).toEqual([{ key: "good", value: { title: "fine" } }]);
  });

  it("lists past damaged and newer ones", async () => {
    using place = create();
    const damages: Damage[] = [];
    const books = open(place.storage, 1, damages);
    await books.put("one", { title: "1" });
    await place.storage.setItemRaw("books:bad", "{");
    await place.storage.setItemRaw("books:newer", '{"v":2,"data":{}}');
    await books.put("two", { title: "2" });
    expect((await books.list()).map(({ key }) => key)).toEqual(["one", "two"]);
    expect(damages.map(({ key }) => key)).toEqual(["books:bad"]);
    expect(await place.storage.hasItem("books:newer")).toBe(true);
  });

  it("leaves what a newer version wrote alone, also when asked to overwrite it", async () => {
    using place = create();
    await open(place.storage, 2).put("a", { title: "new" });
    const old = open(place.storage, 1);
    await expect(old.get("a")).rejects.toSatisfy((error) => isInkwireError(error, "record_newer"));
    await expect(old.put("a", { title: "old" })).rejects.toSatisfy((error) =>
      isInkwireError(error, "record_newer"),
    );
    expect(await open(place.storage, 2).get("a")).toEqual({ title: "new" });
  });

  it("does not overwrite what nobody can read: it is in the quarantine first", async () => {
    using place = create();
    await place.storage.setItemRaw("books:a", "{");
    const books = open(place.storage);
    await expect(books.put("a", { title: "x" })).rejects.toSatisfy(damaged);
    await books.put("a", { title: "x" });
    expect(await place.storage.getKeys("quarantine")).toHaveLength(1);
  });

  it("migrates older ones on reading, and takes a migration that fails for damage", async () => {
    using place = create();
    await place.storage.setItemRaw("books:a", '{"v":1,"data":{"name":"x"}}');
    await place.storage.setItemRaw("books:b", '{"v":1,"data":null}');
    const books = createRecords({
      storage: place.storage,
      prefix: "books",
      version: 2,
      schema,
      migrate: (data, from) => ({ title: `${(data as { name: string }).name} from ${from}` }),
    });
    expect(await books.get("a")).toEqual({ title: "x from 1" });
    await expect(books.get("b")).rejects.toSatisfy(damaged);
  });

  it.each(["", "../a", "A", "a/b", "a?b", "a$", "con.txt"])("refuses the key %j", async (key) => {
    using place = create();
    const books = open(place.storage);
    const refused = (error: unknown) => isInkwireError(error, "invalid_option");
    await expect(async () => books.get(key)).rejects.toSatisfy(refused);
    await expect(async () => books.put(key, { title: "x" })).rejects.toSatisfy(refused);
    await expect(async () => books.remove(key)).rejects.toSatisfy(refused);
    expect(await place.storage.getKeys()).toEqual([]);
  });
});

describe("records", () => {
  it("refuse a version that is no positive integer", () => {
    expect(() => open(createStorage(), 0)).toThrow("version");
  });

  it.skipIf(noSmallDisk !== undefined)(
    "tell of damage also when the disk is too full to move it, and leave it there",
    async () => {
      using disk = smallDisk(64);
      const storage = createStorage({ driver: atomicDriver({ base: disk.path }) });
      await storage.setItemRaw("books:bad", "{");
      disk.fill();
      const damages: Damage[] = [];
      await expect(open(storage, 1, damages).get("bad")).rejects.toSatisfy(damaged);
      expect(damages).toEqual([
        { key: "books:bad", movedTo: undefined, reason: "it is not whole JSON" },
      ]);
      expect(await storage.getItem("books:bad")).toBe("{");
    },
  );
});
