import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createBus } from "../../src/bus/bus.js";
import { createBooks } from "../../src/books/service.js";
import { bookMessages } from "../../src/protocol/index.js";
import { openHome } from "../../src/storage/home.js";
import { ageLocks, askDatabase } from "../support/home-database.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const journalOf = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");

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
        { timeout: 60_000, interval: 10 },
      )
      .toBeGreaterThan(4);
    await writer.kill();
  }
  const asked = journalOf(journal);
  cpSync(old, moved, { recursive: true, preserveTimestamps: true });
  rmSync(old, { recursive: true });
  // As the other machine wrote it: its process numbers mean nothing here, so only the heartbeat can tell.
  expect(askDatabase(moved, "select name from locks where free = 0").length).toBeGreaterThan(0);
  askDatabase(
    moved,
    "update locks set host = ?, pid = ?",
    "other-machine/boot/pid:[1]",
    process.pid,
  );
  ageLocks(moved);

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
  const done = (found?.chapters ?? []).flatMap(({ number, state }) =>
    state === "done" ? [String(number)] : [],
  );
  expect(await books.recover()).toEqual([1]);
  expect(await books.wait("ada", 1)).toMatchObject({ status: "completed" });
  // What was finished there was not asked for here, and neither was what only had to be put down as finished.
  const again = journalOf(journal).slice(asked.length);
  expect(again.filter((chapter) => done.includes(chapter))).toEqual([]);
  expect(again.length).toBeLessThanOrEqual(8 - done.length);
  expect((await books.export("ada", 1, "epub")).bytes.length).toBeGreaterThan(1_000);
  await books.close();
  await home.close();
}, 120_000);
