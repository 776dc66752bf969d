import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Author } from "../../../../src/books/authors/author.js";
import { startMockLlm, type MockLlm } from "../../../support/llm/mock-llm.js";
import { recordedCall, sampleOutline, sampleRequest } from "../../../support/llm/requests.js";

const marker = "[inkwire outline]";
const repair = "[inkwire outline repair]";
const request = sampleRequest();
const plan = sampleOutline(request);
const good = JSON.stringify({ premise: plan.premise, chapters: plan.chapters });
const missing = "[inkwire outline chapters]";
const many = JSON.stringify({
  premise: "",
  chapters: Array.from({ length: 500 }, (_, index) => ({
    number: index + 1,
    title: `T${index}`,
    summary: "S.",
  })),
});
const short = JSON.stringify({ premise: plan.premise, chapters: plan.chapters.slice(1) });

let llm: MockLlm;
beforeAll(async () => {
  llm = await startMockLlm();
});
afterAll(() => llm[Symbol.asyncDispose]());
beforeEach(() => llm.mock.reset());

const write = (author: Author = llm.author()) => author.outline(request, recordedCall());

describe("an outline", () => {
  test("is asked for with a schema that names the number of chapters", async () => {
    llm.mock.onMessage(marker, { content: good });
    expect(await write()).toEqual(plan);
    expect(llm.requests()).toHaveLength(1);
    expect(llm.requests()[0]?.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { schema: { properties: { chapters: { minItems: 3, maxItems: 3 } } } },
    });
  });

  test("is asked for as plain text where the server refuses a schema", async () => {
    llm.mock.on(
      { predicate: (body) => body.response_format !== undefined },
      { error: { message: "'response_format.type' must be 'text'" }, status: 400 },
    );
    llm.mock.onMessage(marker, { content: `Here you are:\n\`\`\`json\n${good}\n\`\`\`` });
    expect(await write()).toEqual(plan);
    expect(llm.requests().map((body) => "response_format" in body)).toEqual([true, false]);
  });

  test.each([
    ["none", JSON.stringify({ premise: "", chapters: [] }), "it has 0 chapters, not 3."],
    ["500", many, "it has 500 chapters, not 3."],
    ["prose", "Once upon a time", "it holds no complete JSON object."],
    ["another shape", '{"chapters": "three of them"}', "at chapters, "],
  ])(
    "with %s of the chapters is asked for once more, with the reason",
    async (_, content, told) => {
      llm.mock.onMessage(repair, { content: good });
      llm.mock.onMessage(marker, { content });
      const call = recordedCall();
      expect(await llm.author().outline(request, call)).toEqual(plan);
      expect(llm.requests()[1]?.messages.at(-1)?.content).toContain(told);
      expect(call.repairs).toMatchObject([{ kind: "outline_invalid" }]);
      expect(call.spent.map(({ purpose }) => purpose)).toEqual(["outline", "repair"]);
    },
  );

  test("that lacks a chapter is asked for that one alone", async () => {
    const first = JSON.stringify({ chapters: [plan.chapters[0]] });
    llm.mock.onMessage(missing, { content: first });
    llm.mock.onMessage(marker, { content: short });
    const call = recordedCall();
    expect(await llm.author().outline(request, call)).toEqual(plan);
    const last = llm.requests()[1];
    expect(last?.messages.at(-1)?.content).toContain("lacks chapter 1 of 3");
    expect(last?.response_format).toMatchObject({
      json_schema: { schema: { properties: { chapters: { minItems: 1, maxItems: 1 } } } },
    });
    expect(call.repairs).toEqual([
      {
        kind: "outline_incomplete",
        message: "the plan has 2 of 3 chapters, the others are asked for alone",
      },
    ]);
  });

  test("of which a chapter is of no use is asked for that one alone", async () => {
    const [one, two, three] = plan.chapters;
    const bad = { ...two, title: "Chapter 2:" };
    llm.mock.onMessage(missing, { content: JSON.stringify({ chapters: [two] }) });
    llm.mock.onMessage(marker, {
      content: JSON.stringify({ premise: plan.premise, chapters: [one, bad, three] }),
    });
    expect(await write()).toEqual(plan);
    expect(llm.requests()[1]?.messages.at(-1)?.content).toContain("lacks chapter 2 of 3");
  });

  test("that was cut keeps its whole chapters, and is asked for the rest, part by part", async () => {
    const request = sampleRequest({ chapters: 120, words: 36_000 });
    const all = sampleOutline(request).chapters.map(({ number, title, summary }) => ({
      number,
      title,
      summary,
    }));
    const whole = JSON.stringify({ premise: "The sea.", chapters: all });
    llm.mock.onMessage(missing, (body) => {
      const [, list = ""] =
        /chapters ([\d, ]+) of 120/.exec(JSON.stringify(body.messages.at(-1)?.content)) ?? [];
      const numbers = new Set(list.split(", ").map(Number));
      return {
        content: JSON.stringify({ chapters: all.filter(({ number }) => numbers.has(number)) }),
      };
    });
    llm.mock.onMessage(marker, {
      content: whole.slice(0, whole.length / 4),
      finishReason: "length",
    });
    const outline = await llm.author().outline(request, recordedCall());
    expect(outline.premise).toBe("The sea.");
    expect(outline.chapters.map(({ number, title }) => [number, title])).toEqual(
      all.map(({ number, title }) => [number, title]),
    );
    expect(outline.chapters.reduce((sum, { words }) => sum + words, 0)).toBe(36_000);
    expect(llm.requests()).toHaveLength(4);
  });

  test.each([
    ["all of it", good, []],
    ["all but its end", good.slice(0, -2), []],
    ["two chapters and a half", good.slice(0, good.indexOf('"title":"The Calm"')), [missing]],
    ["nothing of use", good.slice(0, 30), [marker]],
  ])("of which an earlier attempt left %s is bought no second time", async (_, left, asked) => {
    llm.mock.onMessage(missing, { content: JSON.stringify({ chapters: [plan.chapters[2]] }) });
    llm.mock.onMessage(marker, { content: good });
    let text = left;
    const draft = {
      get text() {
        return text;
      },
      write: (piece: string) => void (text += piece),
      restart: () => void (text = ""),
    };
    const outline = await llm.author().outline(request, recordedCall(), undefined, draft);
    expect(outline).toEqual(plan);
    const prompts = llm.requests().map(({ messages }) => String(messages.at(-1)?.content));
    expect(prompts.map((prompt) => prompt.split("\n")[0])).toEqual(asked);
    // What a further attempt would find is the whole.
    const again = await llm.author().outline(request, recordedCall(), undefined, draft);
    expect(again).toEqual(plan);
    expect(llm.requests()).toHaveLength(asked.length);
  });

  test("whose missing chapters were cut while they came is asked for what is still missing", async () => {
    const firstOnly = { premise: plan.premise, chapters: plan.chapters.slice(0, 1) };
    const others = JSON.stringify({ chapters: plan.chapters.slice(1) });
    let text = "";
    const draft = {
      get text() {
        return text;
      },
      write: (piece: string) => void (text += piece),
      restart: () => void (text = ""),
    };
    llm.mock.onMessage(marker, { content: JSON.stringify(firstOnly) });
    // Long after what is wanted of it has come, whatever the machine does.
    llm.mock.onMessage(
      missing,
      { content: `${others.slice(0, -2)}${" ".repeat(40_000)}]}` },
      { streamingProfile: { ttft: 5, tps: 1_000 }, disconnectAfterMs: 1_500 },
    );
    const ask = () => llm.author().outline(request, recordedCall(), undefined, draft);
    await expect(ask()).rejects.toMatchObject({ retryable: true });
    const bought = text;
    expect(bought).toContain(plan.chapters[1]?.summary);

    llm.mock.reset();
    // As if it had been killed in the middle of the third chapter.
    text = bought.slice(0, bought.indexOf(JSON.stringify(plan.chapters[2]?.title)));
    llm.mock.onMessage(missing, { content: JSON.stringify({ chapters: [plan.chapters[2]] }) });
    expect(await ask()).toEqual(plan);
    expect(llm.requests()[0]?.messages.at(-1)?.content).toContain("lacks chapter 3 of 3");
    // And with the whole of it there, nothing is asked at all.
    llm.mock.reset();
    text = bought;
    expect(await ask()).toEqual(plan);
    expect(llm.requests()).toEqual([]);
  });

  test("that was cut before its first chapter is asked for again, briefer", async () => {
    llm.mock.onMessage(repair, { content: good });
    llm.mock.onMessage(marker, { content: good.slice(0, 60), finishReason: "length" });
    expect(await write()).toEqual(plan);
    expect(llm.requests()[1]?.messages.at(-1)?.content).toContain("be briefer");
  });

  test("of no use twice is an error", async () => {
    llm.mock.onMessage(repair, { content: "Once upon a time" });
    llm.mock.onMessage(marker, { content: many });
    await expect(write()).rejects.toMatchObject({ code: "output_invalid", retryable: false });
    expect(llm.requests()).toHaveLength(2);
  });

  test("of no use twice is planned by the fallback, which is named", async () => {
    llm.mock.onMessage(repair, { content: "Once upon a time" });
    llm.mock.onMessage(marker, { content: "" });
    const fallbackOutline = vi.fn(() => plan);
    const outline = await write(llm.author({ fallbackOutline }));
    expect(outline).toEqual({ ...plan, madeBy: "offline planner" });
    expect(fallbackOutline).toHaveBeenCalledExactlyOnceWith(request);
  });

  test.each([
    [429, "provider_busy"],
    [500, "provider_failed"],
    [401, "author_refused_key"],
    [400, "provider_failed"],
  ] as const)("that fails with %i is never planned around", async (status, code) => {
    llm.mock.onMessage(marker, { error: { message: "no" }, status });
    const fallbackOutline = vi.fn(() => plan);
    await expect(write(llm.author({ fallbackOutline }))).rejects.toMatchObject({ code });
    expect(fallbackOutline).not.toHaveBeenCalled();
  });

  test("whose stream is cut is never planned around", async () => {
    llm.mock.onMessage(
      marker,
      { content: good },
      { streamingProfile: { ttft: 5, tps: 100 }, disconnectAfterMs: 60 },
    );
    const fallbackOutline = vi.fn(() => plan);
    await expect(write(llm.author({ fallbackOutline }))).rejects.toMatchObject({
      code: "provider_failed",
      retryable: true,
    });
    expect(fallbackOutline).not.toHaveBeenCalled();
  });
});
