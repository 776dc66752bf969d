import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { createMemoryHome, openHome } from "../../src/storage/home.js";
import { smallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const isRoot = process.getuid?.() === 0;
const noSmallDisk = whyNoSmallDisk();

describe("a home", () => {
  it("is made for this user only, and says its version", async () => {
    using directory = tempDirectory();
    const path = join(directory.path, "deep", "home");
    const home = await openHome(path);
    expect(home.directory).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(path, "home.json"), "utf8"))).toEqual({ v: 2 });
    await home.storage.setItem("a", "x");
    await home.close();
    await home.close();
    expect(await (await openHome(path)).storage.getItem("a")).toBe("x");
    expect(readdirSync(path).toSorted()).toEqual(["home.json", "records"]);
  });

  it("can be opened by many at once from the first moment", async () => {
    using directory = tempDirectory();
    const path = join(directory.path, "home");
    const homes = await Promise.all(Array.from({ length: 8 }, () => openHome(path)));
    expect(await Promise.all(homes.map((home) => home.locks.nextNumber("books")))).toHaveLength(8);
  });

  it("refuses one that a newer version made, and touches nothing in it", async () => {
    using directory = tempDirectory();
    writeFileSync(join(directory.path, "home.json"), '{"v":3}');
    await expect(openHome(directory.path)).rejects.toSatisfy(
      (error) =>
        isInkwireError(error, "home_newer") &&
        error.message.includes(directory.path) &&
        error.hint !== undefined,
    );
    expect(readdirSync(directory.path)).toEqual(["home.json"]);
  });

  it.each(["", "{", "7", "null", '{"v":"1"}', '{"v":0}'])(
    "refuses one whose marker is %j",
    async (text) => {
      using directory = tempDirectory();
      writeFileSync(join(directory.path, "home.json"), text);
      await expect(openHome(directory.path)).rejects.toSatisfy((error) =>
        isInkwireError(error, "record_damaged"),
      );
    },
  );

  it("says when a file is where the folder should be", async () => {
    using directory = tempDirectory();
    const file = join(directory.path, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      await expect(openHome(path)).rejects.toSatisfy(
        (error) =>
          isInkwireError(error, "storage_failed") &&
          error.message.includes(path) &&
          error.hint !== undefined,
      );
    }
  });

  it("says when it cannot be written", async () => {
    using directory = tempDirectory();
    mkdirSync(join(directory.path, "locked"), { mode: 0o500 });
    // Root may write everywhere, so another user has to try.
    await using other = startSource(
      "./processes/open-home.ts",
      import.meta.url,
      [join(directory.path, "locked")],
      isRoot ? 65_534 : undefined,
    );
    expect(await other.line()).toMatch(/^storage_failed .*permission denied/);
  });

  it.skipIf(noSmallDisk !== undefined)("says when the disk is full", async () => {
    using disk = smallDisk(64);
    disk.fill();
    await expect(openHome(join(disk.path, "home"))).rejects.toSatisfy((error) =>
      isInkwireError(error, "disk_full"),
    );
    disk.free();
    await openHome(join(disk.path, "home"));
  });
});

describe("a home in memory", () => {
  it("has storage and locks of its own, and no folder", async () => {
    const [one, two] = [createMemoryHome(), createMemoryHome()];
    await one.storage.setItem("a", "x");
    expect(await two.storage.getItem("a")).toBeNull();
    expect(await one.locks.acquire("a")).toBeDefined();
    expect(await two.locks.isHeld("a")).toBe(false);
    expect(one.directory).toBeUndefined();
    await one.close();
  });
});
