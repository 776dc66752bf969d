import fc from "fast-check";
import { expect, it } from "vitest";
import { createChapterText } from "../../src/stores/chapter-text.js";
import { createVirtualClock } from "../../src/testing/virtual-clock.js";
import { createApi, json, record } from "../support/api.js";
import { createWrittenChapter } from "../support/written-chapter.js";

const piece = (offset: number, text: string, done = false) => ({
  book_id: 7,
  chapter: 2,
  offset,
  text,
  done,
});
const topic = { topic: "book/7" } as const;
const answer = (text: string, cursor = "mock.0", done = false) =>
  json({ title: "Two", text, offset: 0, done, cursor });

it("joins what is written with what is being written, and lets the topic go at its end", async () => {
  const { client, clock, settle, calls } = createApi(() => answer("Once upon"));
  const store = createChapterText(client, 7, 2, { clock });
  expect(client.topics).toEqual(["book/7"]);
  await settle();
  expect(calls()).toEqual(["GET api/books/7/chapters/2"]);
  client.emit("chapter_text", piece(9, " a time"), topic);
  client.emit("chapter_text", { ...piece(0, "other"), chapter: 3 }, topic);
  client.emit("chapter_text", piece(16, "", true), topic);
  expect(store.get()).toMatchObject({ title: "Two", text: "Once upon a time", isDone: true });
  store.close();
  expect(client.topics).toEqual([]);
});

it("starts over where the chapter does", async () => {
  const { client, clock, settle } = createApi(() => answer("Once upon"));
  const store = createChapterText(client, 7, 2, { clock });
  await settle();
  client.emit("chapter_text", piece(0, "In the"), topic);
  expect(store.get().text).toBe("In the");
  client.emit("chapter_text", piece(6, " beginning"), topic);
  client.emit("chapter_text", piece(2, "!"), topic);
  expect(store.get().text).toBe("In!");
});

it("reads again instead of guessing, and keeps what it has meanwhile", async () => {
  let text = "Once";
  const { client, clock, settle, calls } = createApi(() => answer(text, client.cursor));
  const store = createChapterText(client, 7, 2, { clock });
  await settle();
  const seen = record(store);
  text = "Once upon a time";
  client.emit("chapter_text", piece(9, " a time"), topic);
  expect(store.get()).toMatchObject({ text: "Once", isLoading: false });
  await settle();
  expect(calls()).toHaveLength(2);
  expect(store.get().text).toBe("Once upon a time");
  expect(new Set(seen.map(({ text }) => text))).toEqual(new Set(["Once", "Once upon a time"]));
});

it("does not go back while messages repeat what the answer had already", async () => {
  let resolve: (response: Response) => void = () => undefined;
  const { client, clock, settle } = createApi(() => new Promise((done) => (resolve = done)));
  const store = createChapterText(client, 7, 2, { clock });
  await settle();
  client.emit("chapter_text", piece(0, "Once "), topic);
  // The server read the text after it noted its cursor: all of it is older than the two messages.
  resolve(answer("Once upon a time", "mock.0"));
  await settle();
  const seen = record(store);
  client.emit("chapter_text", piece(5, "upon "), topic);
  client.emit("chapter_text", piece(10, "a time, there"), topic);
  expect(seen.map(({ text }) => text.length)).toEqual([16, 16, 23]);
  expect(store.get().text).toBe("Once upon a time, there");
});

it("drops what an attempt left that began like the one before did, and then stood still", async () => {
  const chapter = createWrittenChapter();
  const clock = createVirtualClock();
  const store = createChapterText(chapter.client, 7, 2, { clock });
  await clock.advance(150);
  chapter.write("Once upon a time");
  chapter.read();
  chapter.answer();
  await clock.advance(0);
  chapter.restart(0);
  chapter.write("Once");
  while (chapter.deliver());
  expect(store.get().text).toBe("Once upon a time");
  await clock.advance(1_500);
  chapter.read();
  chapter.answer();
  await clock.advance(0);
  expect(store.get().text).toBe("Once");
});

it("shows a chapter as soon as it begins that was not planned when it was asked for", async () => {
  let isPlanned = false;
  const { client, clock, settle } = createApi(() =>
    isPlanned ? answer("On", client.cursor) : json({ code: "not_found", detail: "not yet" }, 404),
  );
  const store = createChapterText(client, 7, 2, { clock });
  await settle();
  expect(store.get()).toMatchObject({ isLoading: false, error: { code: "not_found" } });
  isPlanned = true;
  client.emit("chapter_text", piece(0, "On"), topic);
  await settle();
  expect(store.get()).toMatchObject({ title: "Two", text: "On", error: undefined });
});

it("drops the text of a user who is not signed in any more, at once", async () => {
  let resolve: (response: Response) => void = () => undefined;
  let isSlow = false;
  const { client, clock, settle } = createApi(() =>
    isSlow ? new Promise((done) => (resolve = done)) : answer("mine"),
  );
  const store = createChapterText(client, 7, 2, { clock });
  await settle();
  isSlow = true;
  Object.assign(client, { userId: "2" });
  client.gap({ kind: "reset", topics: ["all", "user/2", "book/7"] });
  expect(store.get()).toMatchObject({ text: "", title: undefined, isLoading: true });
  await settle();
  resolve(json({ code: "not_found", detail: "" }, 404));
  await settle();
  expect(store.get()).toMatchObject({ text: "", error: { code: "not_found" } });
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("a", "aa", "b").map((text) => ({ kind: "write", text }) as const),
  },
  { weight: 3, arbitrary: fc.nat(2).map((offset) => ({ kind: "restart", offset }) as const) },
  { weight: 6, arbitrary: fc.constant({ kind: "deliver" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "read" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "answer" } as const) },
);
const leak = fc.constantFrom({ kind: "lose" } as const, { kind: "wait" } as const);

// Few letters on purpose: an attempt often begins as the one before did. Without losses the text is read only once, so
// that no later reading mends what the joining got wrong.
it.each([
  ["nothing is lost", fc.array(step, { maxLength: 16 })],
  [
    "messages are lost",
    fc.array(fc.oneof({ weight: 8, arbitrary: step }, leak), { maxLength: 40 }),
  ],
])(
  "ends with the server's text to the character, however all interleaves: %s",
  async (_, script) => {
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (steps, finishes) => {
        const chapter = createWrittenChapter();
        const clock = createVirtualClock();
        const store = createChapterText(chapter.client, 7, 2, { clock, random: () => 0 });
        await clock.advance(150);
        for (const one of steps) {
          if (one.kind === "write") chapter.write(one.text);
          else if (one.kind === "restart") chapter.restart(one.offset);
          else if (one.kind === "wait") await clock.advance(200);
          else if (chapter[one.kind]() && one.kind === "answer") await clock.advance(0);
        }
        if (finishes) chapter.finish();
        for (let round = 0; round < 4; round += 1) {
          while (chapter.deliver());
          while (chapter.read());
          while (chapter.answer());
          await clock.advance(1_000);
        }
        expect(store.get()).toMatchObject({ text: chapter.text(), isDone: finishes });
        store.close();
      }),
      { numRuns: 60 },
    );
  },
  60_000,
);
