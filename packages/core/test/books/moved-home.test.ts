import { cpSync, readdirSync, rmSync, utimesSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createBus } from "../../src/bus/bus.js";
import { createBooks } from "../../src/books/service.js";
import { bookMessages } from "../../src/protocol/index.js";
import { openHome } from "../../src/storage/home.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const journalOf = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");

/** The locks of a job that has an owner. */
function ownedLocks(home: string): string[] {
  const locks = join(home, "locks");
  return readdirSync(locks).flatMap((name) =>
    readdirSync(join(locks, name))
      .filter((file) => /^\d+$/.test(file))
      .map((file) => join(locks, name, file)),
  );
}

it("goes on with a book whose home was moved to another machine, right after its process was killed there", async () => {
  using before = tempDirectory();
  using after = tempDirectory();
  const journal = join(before.path, "journal.txt");
  const old = join(before.path, "home");
  const moved = join(after.path, "somewhere", "else");
  {
    const writer = startSource("support/writer-process.ts", import.meta.url, [old, journal, "10"]);
    await expect
      .poll(
        () => {
          try {
            return journalOf(journal).length;
          } catch {
            return 0;
          }
        },
        { timeout: 20_000, interval: 10 },
      )
      .toBeGreaterThan(4);
    await writer.kill();
  }
  const asked = journalOf(journal);
  cpSync(old, moved, { recursive: true, preserveTimestamps: true });
  rmSync(old, { recursive: true });
  // As the other machine wrote it: its process numbers mean nothing here, so only the heartbeat can tell.
  const locks = ownedLocks(moved);
  expect(locks.length).toBeGreaterThan(0);
  const long = new Date(Date.now() - 60_000);
  for (const lock of locks) {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: "other-machine/boot/pid:[1]" }));
    utimesSync(lock, long, long);
  }

  const home = await openHome(moved);
  await using bus = createBus({ messages: bookMessages });
  await using books = createBooks({
    home,
    bus,
    authors: { resolve: async () => createScriptedAuthor({ journal }) },
    onProblem: (problem) => expect.unreachable(String(problem)),
  });
  const [found] = await books.list("ada");
  expect(found).toMatchObject({ stopped: true });
  const done = found?.chapters.filter(({ state }) => state === "done").length ?? 0;
  expect(await books.recover()).toEqual([1]);
  expect(await books.wait("ada", 1)).toMatchObject({ status: "completed" });
  // What was finished there was not asked for here.
  expect(journalOf(journal).slice(asked.length)).toHaveLength(8 - done);
  expect((await books.export("ada", 1, "epub")).bytes.length).toBeGreaterThan(1_000);
  await books.close();
  await home.close();
}, 60_000);
