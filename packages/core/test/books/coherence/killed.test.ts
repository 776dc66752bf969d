import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Chapter } from "../../../src/books/types.js";
import { startSource } from "../../support/source-process.js";

function journalOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

/** Gives the draft, which is flushed each 250 ms, the time to be on disk. */
const flushed = () => new Promise<void>((resolve) => setTimeout(resolve, 800));

it.each(["mend 2", "facts 2"])(
  "a book that is killed during %s has no text bought twice, and ends whole",
  async (hang) => {
    const directory = await mkdtemp(join(tmpdir(), "inkwire-coherence-"));
    const journal = join(directory, "journal.txt");
    const home = join(directory, "home");
    try {
      {
        await using first = startSource("../support/coherent-process.ts", import.meta.url, [
          home,
          journal,
          hang,
        ]);
        await expect
          .poll(() => journalOf(journal), { timeout: 60_000, interval: 50 })
          .toContain(hang);
        await flushed();
        await first.kill();
      }
      await using second = startSource("../support/coherent-process.ts", import.meta.url, [
        home,
        journal,
        "",
      ]);
      const { status, chapters } = JSON.parse((await second.line()) ?? "") as {
        status: string;
        chapters: Chapter[];
      };
      expect(status).toBe("completed");
      const calls = journalOf(journal);
      for (const number of [1, 2, 3]) {
        expect(calls.filter((call) => call === `chapter ${number}`)).toHaveLength(1);
        expect(chapters[number - 1]?.text).toMatch(
          /Mended in chapter \d, as nobody had expected[^\n]+$/,
        );
        expect(chapters[number - 1]?.facts).toHaveLength(1);
      }
      // Only what was under way is asked for again.
      const again = calls.filter((call, index) => calls.indexOf(call) !== index);
      expect(again).toEqual([hang]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
  120_000,
);
