import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { wholePart } from "../../src/books/draft-cut.js";
import { readDraftLines } from "../../src/books/draft-lines.js";
import { readFile } from "node:fs/promises";
import { openBooksRoom } from "./support/books-room.js";
import { followMessages, startBookProcess } from "./support/killed-book.js";
import { createScriptedAuthor } from "./support/scripted-author.js";
import { startStoryServer } from "./support/story-server.js";
import { makeStory } from "./support/story.js";

const chapters = 12;
const soakKills = Number(process.env["INKWIRE_SOAK_KILLS"] ?? 0);
const kills = soakKills || 6;
const seed = Number(process.env["INKWIRE_SOAK_SEED"] ?? Math.floor(Math.random() * 0x7fff_ffff));

it(
  `buys nothing twice, and loses nothing, in a book of ${chapters} chapters that is killed ${kills} times`,
  { timeout: 60_000 + kills * 10_000 },
  async () => {
    console.log(`seed ${seed}: repeat with  INKWIRE_SOAK_SEED=${seed} INKWIRE_SOAK_KILLS=${kills}`);
    const random = makeRandom(seed);
    const story = makeStory(chapters, 6);
    const bookLength = story.chapters.reduce((sum, text) => sum + text.length, 0);
    await using server = await startStoryServer(story);
    await using room = await openBooksRoom(() => createScriptedAuthor());
    const messages = join(room.directory, "messages.jsonl");
    const start = () =>
      startBookProcess({
        home: room.directory,
        messages,
        baseUrl: server.baseUrl,
        model: "story",
        chapters,
        words: story.words * chapters,
      });

    /** How far each chapter is safe: nothing before it may be bought again. */
    const safe = async (): Promise<number[]> => {
      const [book] = await room.books.list("ada");
      return Promise.all(
        story.chapters.map(async (text, index) => {
          if (book?.chapters[index]?.state === "done") return Infinity;
          const path = join(room.directory, "drafts", "1", `${index + 1}.jsonl`);
          const draft = readDraftLines(await readFile(path, "utf8").catch(() => ""));
          expect(text.startsWith(draft.text)).toBe(true);
          return draft.ended ? Infinity : wholePart(draft.text).length;
        }),
      );
    };

    const points = Array.from({ length: kills }, () => random() * bookLength).toSorted(
      (a, b) => a - b,
    );
    let floors = story.chapters.map(() => 0);
    let outlined = false;
    let outlinesAllowed = 0;
    let bought = 0;
    const check = async (): Promise<void> => {
      for (const { chapter, from } of server.sales.slice(bought)) {
        expect(from, `chapter ${chapter} was bought again`).toBeGreaterThanOrEqual(
          floors[chapter - 1] ?? 0,
        );
      }
      bought = server.sales.length;
      if (!outlined) outlinesAllowed += 1;
      outlined ||= ((await room.books.list("ada"))[0]?.chapters.length ?? 0) > 0;
      floors = await safe();
    };

    for (const point of points) {
      const writer = start();
      const sold = server.sales.length;
      // One in five is killed while it starts; the others in the middle of what they write, or save.
      const isEarly = random() < 0.2 || !outlined;
      if (!isEarly) while (server.sales.length === sold && !writer.hasEnded) await delay(2);
      while (server.reached < point && !writer.hasEnded) await delay(2);
      await delay(random() * 400);
      await writer.kill();
      await check();
    }
    const end = await start().end();
    await check();

    expect(end).toMatchObject({ status: "completed" });
    expect(end.texts).toEqual(story.chapters);
    expect(server.outlines).toBeLessThanOrEqual(outlinesAllowed);
    // What was sent, and more than the requests of killed processes whose fate only the server knows.
    expect(end.usage?.outputTokens).toBeGreaterThan(bookLength / 5);

    const seen = followMessages(messages, (chapter, length) =>
      (story.chapters[chapter - 1] ?? "").slice(0, length),
    );
    expect([...seen].toSorted(([a], [b]) => a - b).map(([, text]) => text)).toEqual(story.chapters);

    const sent = server.sales.reduce((sum, { from, to }) => sum + to - from, 0);
    const share = ((100 * (sent - bookLength)) / bookLength).toFixed(1);
    console.log(
      `${kills} kills, ${server.sales.length} requests, ${share} % of the text sent twice`,
    );
  },
);

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function makeRandom(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
