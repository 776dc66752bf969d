import { describe, expect, it } from "vitest";
import type { ServerResponse } from "node:http";
import type { AuthorCall } from "../../src/books/authors/author.js";
import {
  beginStream,
  endOfStream,
  startRawServer,
  textChunk,
  type RawServer,
} from "../support/llm/raw-server.js";
import { sampleTask } from "../support/llm/requests.js";
import { openChapterRoom } from "./support/chapter-room.js";

/** Sentences that are all different: 5 words each. */
const sentences = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `Wave ${from + index} came in slowly. `);
/** A chapter in its band: 300 words in paragraphs of ten sentences. */
const whole = sentences(0, 60)
  .map((sentence, index) => (index % 10 === 9 ? `${sentence.trimEnd()}\n\n` : sentence))
  .join("")
  .trimEnd();

type Answer = (response: ServerResponse, body: string) => void;
const says =
  (text: string, finish = "stop"): Answer =>
  (response) =>
    void response.end(textChunk(text) + endOfStream(finish));

/** A model that answers its first request with the first answer, and so on; the last one again and again. */
async function serve(...answers: Answer[]): Promise<RawServer & { readonly bodies: string[] }> {
  const bodies: string[] = [];
  const server = await startRawServer((response, body) => {
    bodies.push(body);
    beginStream(response);
    (answers[bodies.length - 1] ?? answers.at(-1))?.(response, body);
  });
  return Object.assign(server, { bodies });
}

const kindsOf = (repairs: ReadonlyArray<{ readonly kind: string }>): string[] =>
  repairs.map(({ kind }) => kind);
const at = (needle: string): number => whole.indexOf(needle) + needle.length;

describe("a chapter", () => {
  it("that is whole is bought once, and nothing is mended", async () => {
    await using server = await serve(says(whole));
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author());
    expect(chapter).toMatchObject({ text: whole, words: 300 });
    expect(chapter).not.toHaveProperty("repairs");
    expect(server.count).toBe(1);
  });

  it("that reached the length limit goes on from its last whole word", async () => {
    const cut = at("Wave 33 came in slo");
    await using server = await serve(
      says(whole.slice(0, cut), "length"),
      says(whole.slice(cut - "slo".length)),
    );
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author());
    expect(chapter.text).toBe(whole);
    expect(room.seen).toBe(whole);
    expect(kindsOf(chapter.repairs ?? [])).toEqual(["length_limit"]);
    expect(room.spent.map(({ purpose, outcome }) => [purpose, outcome])).toEqual([
      ["chapter", "finished"],
      ["continuation", "finished"],
    ]);
    const sum = room.spent.reduce((total, { usage }) => total + usage.outputTokens, 0);
    expect(chapter.usage?.outputTokens).toBe(sum);
  });

  it("whose model says stop in the middle of a sentence goes on from the sentence before", async () => {
    const cut = at("Wave 47 came in");
    const back = at("Wave 46 came in slowly.");
    await using server = await serve(says(whole.slice(0, cut)), says(whole.slice(back)));
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author());
    expect(chapter.text).toBe(whole);
    expect(room.seen).toBe(whole);
    expect(room.repairs).toEqual([
      {
        kind: "unfinished",
        message: "the model stopped in the middle of a sentence, it goes on after 235 words",
      },
    ]);
    expect(server.bodies[1]).not.toContain("Wave 47");
  });

  it("whose model says stop far too early goes on", async () => {
    const cut = at("Wave 15 came in slowly.");
    await using server = await serve(says(whole.slice(0, cut)), says(whole.slice(cut)));
    const room = openChapterRoom();
    expect((await room.attempt(server.author())).text).toBe(whole);
    expect(room.repairs).toEqual([
      { kind: "too_short", message: "the model stopped after 80 of 300 words, it goes on" },
    ]);
  });

  it("that stays short is told to be so", async () => {
    await using server = await serve(says(sentences(0, 15).join("").trim()), says("It was over."));
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author());
    expect(chapter.words).toBeLessThan(120);
    expect(chapter.repairs?.at(-1)?.message).toMatch(/^it stays short, \d+ of 300 words$/);
    expect(server.count).toBeLessThanOrEqual(3);
  });

  it("of a sentence or two is never one, whatever the model says", async () => {
    await using server = await serve(says("It was over."));
    const room = openChapterRoom();
    await expect(room.attempt(server.author())).rejects.toMatchObject({
      code: "output_truncated",
      retryable: true,
    });
  });

  it.each<[string, Answer, string]>([
    [
      "is cut",
      (response) =>
        response.write(textChunk(whole.slice(0, at("Wave 33 came"))), () => response.destroy()),
      "broke",
    ],
    [
      "falls silent",
      (response) => response.write(textChunk(whole.slice(0, at("Wave 33 came")))),
      "fell silent",
    ],
    [
      "brings an error",
      (response) =>
        response.end(
          `${textChunk(whole.slice(0, at("Wave 33 came")))}data: {"error":{"message":"out of memory"}}\n\n`,
        ),
      "out of memory",
    ],
    [
      "ends without a finish",
      (response) =>
        response.end(`${textChunk(whole.slice(0, at("Wave 33 came")))}data: [DONE]\n\n`),
      "without a finish",
    ],
  ])("whose stream %s goes on from its last whole paragraph, once", async (_, fault, told) => {
    // It repeats the last sentence that it was shown, as models do.
    await using server = await serve(fault, says(whole.slice(whole.indexOf("Wave 29"))));
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author({ firstChunkMs: 5_000, chunkMs: 150 }));
    expect(chapter.text).toBe(whole);
    expect(room.seen).toBe(whole);
    expect(room.repairs).toMatchObject([{ kind: "cut" }]);
    expect(room.repairs[0]?.message).toContain(told);
    expect(room.spent.map(({ outcome }) => outcome)).toEqual(["failed", "finished"]);
    expect(server.bodies[1]).toContain("Wave 29");
    expect(server.bodies[1]).not.toContain("Wave 30");
  });

  it("that begins anew when it shall go on is taken without the repetition", async () => {
    const cut = at("Wave 39 came in slowly.");
    await using server = await serve(says(whole.slice(0, cut), "length"), says(whole));
    const room = openChapterRoom();
    expect((await room.attempt(server.author())).text).toBe(whole);
  });

  it("that grows far beyond its length is asked for an ending, and keeps what was paid for", async () => {
    await using server = await serve((response) => {
      for (let wave = 0; wave < 4_000; wave += 10) {
        response.write(
          textChunk(
            `${sentences(wave, wave + 10)
              .join("")
              .trim()}\n\n`,
          ),
        );
      }
      response.end(endOfStream());
    }, says("And so the waves came to rest."));
    const room = openChapterRoom();
    const chapter = await room.attempt(server.author());
    expect(chapter.text).toMatch(/slowly\.\n\nAnd so the waves came to rest\.$/);
    expect(chapter.text.length).toBeLessThan(41_000);
    expect(kindsOf(room.repairs)).toEqual(["too_long"]);
    expect(server.bodies[1]).toContain("Bring it to its end now");
  });

  it("in which the model goes round in circles is taken back, as something to try again", async () => {
    await using server = await serve((response) => {
      for (let turn = 0; turn < 100 && !response.destroyed; turn += 1) {
        response.write(textChunk("All work and no play makes a dull boy. ".repeat(20)));
      }
      response.end(endOfStream());
    });
    const room = openChapterRoom();
    await expect(room.attempt(server.author())).rejects.toMatchObject({
      code: "output_invalid",
      retryable: true,
    });
    expect(await room.drafts.read(7, 1)).toBe("");
  });

  it("is given up when its parts bring nothing new", async () => {
    await using server = await serve(says("It went on and on and on. ", "length"));
    const room = openChapterRoom();
    await expect(room.attempt(server.author())).rejects.toMatchObject({ code: "output_truncated" });
    expect(server.count).toBe(2);
  });

  it("has a budget: twelve parts at the length limit, and no more", async () => {
    let turn = 0;
    await using server = await serve((response) => {
      turn += 1;
      response.end(
        textChunk(`Part ${turn} of the story came along and went. `) + endOfStream("length"),
      );
    });
    const room = openChapterRoom();
    await expect(room.attempt(server.author())).rejects.toMatchObject({ code: "output_truncated" });
    expect(server.count).toBe(13);
  });
});

describe("a further attempt", () => {
  it("goes on from the last whole paragraph at the same offset, and counts what the first one used", async () => {
    await using server = await serve(
      (response) =>
        response.write(textChunk(whole.slice(0, at("Wave 33 came"))), () => response.destroy()),
      (response) => response.destroy(),
      says(whole.slice(at("Wave 29 came in slowly."))),
    );
    const room = openChapterRoom();
    await expect(room.attempt(server.author())).rejects.toMatchObject({ retryable: true });
    const chapter = await room.attempt(server.author());
    expect(chapter.text).toBe(whole);
    expect(room.seen).toBe(whole);
    expect(kindsOf(chapter.repairs ?? [])).toEqual(["cut", "resumed"]);
    const sum = room.spent.reduce((total, { usage }) => total + usage.inputTokens, 0);
    expect(chapter.usage?.inputTokens).toBe(sum);
  });

  it("buys nothing where only the checkpoint was missing", async () => {
    await using server = await serve(says(whole));
    const room = openChapterRoom();
    const first = await room.attempt(server.author());
    expect(await room.attempt(server.author())).toEqual(first);
    expect(server.count).toBe(1);
  });

  it("begins anew where the chapter rests on something else", async () => {
    await using server = await serve(says(whole));
    const room = openChapterRoom();
    const draft = room.drafts.open(7, 1, "another outline");
    draft.append(0, "Text of another book.\n\n");
    await draft.close();
    expect((await room.attempt(server.author())).text).toBe(whole);
    expect(server.bodies[0]).not.toContain("another book");
  });

  it("counts the request that was lost with its process", async () => {
    const cut = at("Wave 29 came in slowly.") + 2;
    await using server = await serve(says(whole.slice(cut)));
    const room = openChapterRoom();
    const draft = room.drafts.open(7, 1, "ground");
    draft.note({
      planned: { author: "openai:raw", purpose: "chapter", inputTokens: 700, outputTokens: 600 },
    });
    draft.append(0, whole.slice(0, cut));
    await draft.close();
    const chapter = await room.attempt(server.author());
    expect(room.spent[0]).toEqual({
      author: "openai:raw",
      purpose: "chapter",
      usage: { inputTokens: 700, outputTokens: Math.ceil(cut / 4), estimated: true },
      outcome: "lost",
    });
    expect(chapter.text).toBe(whole);
    expect(chapter.usage?.inputTokens).toBeGreaterThan(1_000);
  });
});

it("tells how long an author waits for its provider", async () => {
  const room = openChapterRoom();
  const author = {
    id: "limited",
    label: "limited",
    concurrency: 1,
    outline: () => Promise.reject(new Error("not asked")),
    chapter: async (_task: unknown, call: AuthorCall) => {
      call.onWait?.(4_000);
      call.write("All of it.");
      return {};
    },
  };
  await room.attempt(author);
  expect(room.waits).toEqual([4_000]);
});

it("asks no author to go on who can't: it begins anew", async () => {
  const room = openChapterRoom();
  const asked: Array<string | undefined> = [];
  const author = {
    id: "plain",
    label: "plain",
    concurrency: 1,
    outline: () => Promise.reject(new Error("not asked")),
    chapter: async (task: { soFar?: string | undefined }, call: { write(text: string): void }) => {
      asked.push(task.soFar);
      call.write(asked.length === 1 ? "A beginning.\n\nHalf a" : "All of it.");
      if (asked.length === 1) throw new Error("cut");
      return {};
    },
  };
  await expect(room.attempt(author)).rejects.toThrow("cut");
  expect((await room.attempt(author, sampleTask())).text).toBe("All of it.");
  expect(asked).toEqual([undefined, undefined]);
  expect(room.seen).toBe("All of it.");
});
