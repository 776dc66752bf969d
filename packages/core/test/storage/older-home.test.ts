import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createBooks } from "../../src/books/service.js";
import { createBus } from "../../src/bus/bus.js";
import { bookMessages } from "../../src/protocol/index.js";
import { createFileLocks } from "../../src/storage/file-locks.js";
import { openHome } from "../../src/storage/home.js";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { asVersion1, askDatabase, keysInDatabase } from "../support/home-database.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const RECORDS = 100;
// Processes are started and records flushed, on a machine that may be busy.
const patience = { timeout: 120_000 };
const keyOf = (index: number) => `steps:job-${index % 7}:chapter:${index}:${"0f".repeat(32)}`;
const valueOf = (index: number) => JSON.stringify({ v: 1, data: { index, text: "ö".repeat(300) } });

/** A home as version 1 left it, with many records and one that is no text. */
async function olderHome(path: string): Promise<void> {
  const home = await openHome(path);
  await Promise.all(
    Array.from({ length: RECORDS }, (_, index) =>
      home.storage.setItem(keyOf(index), valueOf(index)),
    ),
  );
  await home.storage.setItem("jobs:a", '{"v":1,"data":{}}');
  await home.storage.setItem("cancels:a", "{}");
  await home.storage.setItem("books:one", "a book");
  await home.storage.setItemRaw("jobs:broken", Uint8Array.of(0xff, 0xfe, 0x00));
  await home.close();
  await asVersion1(path);
}

async function expectAll(path: string): Promise<void> {
  const home = await openHome(path);
  for (let index = 0; index < RECORDS; index++)
    expect(await home.storage.getItemRaw(keyOf(index))).toBe(valueOf(index));
  expect(await home.storage.getItem("books:one")).toBe("a book");
  expect(await home.storage.getItemRaw("jobs:broken")).toEqual(Uint8Array.of(0xff, 0xfe, 0x00));
  expect((await home.storage.getKeys("steps")).length).toBe(RECORDS);
  await home.close();
  expect(JSON.parse(readFileSync(join(path, "home.json"), "utf8"))).toEqual({ v: 2 });
  expect(readdirSync(join(path, "records")).toSorted()).toEqual([".tmp", "books"]);
  expect(existsSync(join(path, "locks"))).toBe(false);
}

describe("a home of version 1", () => {
  it("is brought up to date when it is opened, with every record as it was", patience, async () => {
    using directory = tempDirectory();
    await olderHome(directory.path);
    expect(existsSync(join(directory.path, "records", "steps", "job-0"))).toBe(true);
    expect(existsSync(join(directory.path, "jobs.db"))).toBe(false);
    await expectAll(directory.path);
    expect(existsSync(join(directory.path, "migrating"))).toBe(false);
  });

  it("is brought up to date once by many processes that open it at once", patience, async () => {
    using directory = tempDirectory();
    await olderHome(directory.path);
    const openers = Array.from({ length: 4 }, () =>
      startSource("./processes/open-home.ts", import.meta.url, [directory.path]),
    );
    for (const opener of openers) {
      expect(await opener.line()).toBe("opened");
      expect(await opener.ended).toBe(0);
    }
    await expectAll(directory.path);
  });

  it("opens although another process removes a file that both found", async () => {
    using directory = tempDirectory();
    const records = join(directory.path, "records", "jobs");
    await (await openHome(directory.path)).close();
    mkdirSync(records, { recursive: true });
    writeFileSync(join(records, "there.item"), '{"v":1,"data":{}}');
    // Listed, and not there when it is read.
    symlinkSync(join(directory.path, "nowhere"), join(records, "gone.item"));
    const home = await openHome(directory.path);
    expect(await home.storage.getKeys("jobs")).toEqual(["jobs:there"]);
    await home.close();
  });

  it("loses nothing when that is killed at any moment", patience, async () => {
    using directory = tempDirectory();
    await olderHome(directory.path);
    for (let round = 0; round < 4; round++) {
      await using opener = startSource("./processes/open-home.ts", import.meta.url, [
        directory.path,
        "say-when",
      ]);
      expect(await opener.line()).toBe("opening");
      await new Promise((resolve) => setTimeout(resolve, round * 6));
      await opener.kill();
    }
    await expectAll(directory.path);
  });

  it("is left alone while an older inkwire works in it", patience, async () => {
    using directory = tempDirectory();
    await olderHome(directory.path);
    // This process is alive, so its lock is.
    const lease = await createFileLocks({ directory: directory.path }).acquire("jobs:a");
    await expect(openHome(directory.path)).rejects.toMatchObject({
      code: "storage_failed",
      retryable: true,
      hint: expect.stringContaining("End it"),
    });
    expect(existsSync(join(directory.path, "records", "jobs", "a.item"))).toBe(true);
    expect(JSON.parse(readFileSync(join(directory.path, "home.json"), "utf8"))).toEqual({ v: 1 });
    await lease?.release();
    await expectAll(directory.path);
  });

  it(
    "gets what an older one that was still open has written since, and nothing older than it has",
    patience,
    async () => {
      using directory = tempDirectory();
      await olderHome(directory.path);
      await (await openHome(directory.path)).close();
      const jobs = join(directory.path, "records", "jobs");
      mkdirSync(jobs);
      writeFileSync(join(jobs, "late.item"), "late");
      writeFileSync(join(jobs, "a.item"), "an older state");
      await expectAll(directory.path);
      const values = askDatabase(
        directory.path,
        "select value from records where key like 'jobs:%'",
      );
      expect(values.map(({ value }) => String(value))).toContain("late");
      expect(values.map(({ value }) => String(value))).not.toContain("an older state");
    },
  );

  it("goes on with a book in the middle, and buys nothing twice", patience, async () => {
    using directory = tempDirectory();
    const path = join(directory.path, "home");
    const journal = join(directory.path, "journal.txt");
    const asked = (): string[] =>
      existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : [];
    {
      const writer = startSource("../books/support/writer-process.ts", import.meta.url, [
        path,
        journal,
        "10",
      ]);
      await expect.poll(() => asked().length, { timeout: 60_000, interval: 10 }).toBeGreaterThan(4);
      await writer.kill();
    }
    const before = asked().length;
    const done = keysInDatabase(path, "steps:").flatMap((key) => {
      const index = /:chapter:(\d+):/.exec(key)?.[1];
      return index === undefined ? [] : [String(Number(index) + 1)];
    });
    expect(done).not.toEqual([]);
    await asVersion1(path);

    const home = await openHome(path);
    await using bus = createBus({ messages: bookMessages });
    await using books = createBooks({
      home,
      bus,
      authors: { resolve: async () => createScriptedAuthor({ journal }) },
      onProblem: (problem) => expect.unreachable(String(problem)),
    });
    expect(await books.recover()).toEqual([1]);
    expect(await books.wait("ada", 1)).toMatchObject({ status: "completed" });
    const again = asked().slice(before);
    expect(again.filter((chapter) => done.includes(chapter))).toEqual([]);
    expect(again.length).toBeLessThanOrEqual(8 - done.length);
    await books.close();
    await home.close();
  });
});
