import { describe, expect, it } from "vitest";
import { chapterPrompt } from "../../../src/books/authors/model/prompts.js";
import type { ChapterTask } from "../../../src/books/authors/author.js";
import { InkwireError } from "../../../src/protocol/index.js";
import { prose } from "../guards/fixtures.js";
import { openBooksRoom, textOf, updatesOf } from "../support/books-room.js";
import { createCoherentAuthor, type CoherentScript } from "../support/coherent-author.js";

const request = (chapters: number) => ({
  title: "The Tides of Brittany",
  chapters,
  words: chapters * 150,
});

async function bookOf(script: CoherentScript, chapters = 6) {
  await using room = await openBooksRoom(() => createCoherentAuthor(script));
  const messages = room.listen("user/ada", "book/1");
  await room.books.create("ada", request(chapters));
  const book = await room.books.wait("ada", 1);
  return { book, chapters: await room.books.chapters("ada", 1), messages, problems: room.problems };
}

describe("chapters that rest on others", () => {
  it("know what those settle, and wait for nobody else", async () => {
    const known = new Map<number, readonly string[]>();
    const calls: string[] = [];
    const { book } = await bookOf({ known, calls, slow: (n) => (n <= 3 ? 150 : 0) });
    expect(book.status).toBe("completed");
    expect(known.get(3)).toEqual([]);
    expect(known.get(4)?.every((line) => line.endsWith("(chapter 1)"))).toBe(true);
    expect(known.get(6)?.join("\n")).toContain("(chapter 3)");
    expect(calls.indexOf("facts 1")).toBeLessThan(calls.indexOf("chapter 4"));
    expect(calls.slice(0, 3).toSorted()).toEqual(["chapter 1", "chapter 2", "chapter 3"]);
  });

  it("are told the same whatever order the others end in", async () => {
    const runs = [];
    for (const slow of [(n: number) => n * 4, (n: number) => 40 - n * 4]) {
      const known = new Map<number, readonly string[]>();
      await bookOf({ known, slow }, 8);
      runs.push(Object.fromEntries(known));
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it("wait for those that the outline names", async () => {
    const calls: string[] = [];
    await bookOf(
      {
        calls,
        plan: (number) => (number === 2 ? { after: [1] } : { after: [] }),
        slow: (n) => (n === 1 ? 400 : 0),
      },
      4,
    );
    expect(calls.indexOf("chapter 2")).toBeGreaterThan(calls.indexOf("facts 1"));
    expect(calls.indexOf("chapter 4")).toBeLessThan(calls.indexOf("facts 1"));
  });

  it("are not bought again by a resume, and neither are their facts", async () => {
    const calls: string[] = [];
    let broken = true;
    const author = () =>
      createCoherentAuthor({
        calls,
        slow: (number) => (number % 3) * 5,
        text: (number) => {
          if (number === 6 && broken)
            throw new InkwireError("author_refused_key", "the key is refused");
          return prose(12, number);
        },
      });
    await using room = await openBooksRoom(author);
    await room.books.create("ada", request(8));
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "failed" });
    broken = false;
    const before = [...calls];
    await room.books.resume("ada", 1);
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    const again = calls.slice(before.length);
    const paid = before.filter((call) => call.startsWith("facts "));
    expect(paid.length).toBeGreaterThan(0);
    for (const call of paid) {
      expect(again).not.toContain(call);
      expect(again).not.toContain(call.replace("facts", "chapter"));
    }
  });

  it("are asked for with the same size of prompt in the fortieth as in the fifth", async () => {
    const tasks: ChapterTask[] = [];
    await bookOf(
      {
        tasks,
        plan: (number) => ({ entry: `Morning of day ${number}.`, exit: `Night of day ${number}.` }),
      },
      40,
    );
    const bytes = (number: number): number => {
      const task = tasks.find(({ chapter }) => chapter.number === number);
      if (task === undefined) throw new Error(`no chapter ${number}`);
      const { system, user } = chapterPrompt(task);
      return Buffer.byteLength(system + user);
    };
    expect(tasks.find(({ chapter }) => chapter.number === 40)?.known?.length).toBeGreaterThan(10);
    expect(Math.abs(bytes(40) - bytes(5)) / bytes(5)).toBeLessThan(0.1);
    expect(Math.abs(bytes(40) - bytes(20)) / bytes(20)).toBeLessThan(0.03);
  });

  it("go on without a bible where noting it fails, and say so", async () => {
    const known = new Map<number, readonly string[]>();
    const { book, messages, chapters } = await bookOf(
      {
        known,
        facts: (number) => {
          if (number === 1) throw new InkwireError("output_invalid", "no JSON");
          return [{ subject: "Yann", about: "age", fact: "He is twelve." }];
        },
      },
      5,
    );
    expect(book.status).toBe("completed");
    expect(known.get(4)).toEqual([]);
    expect(known.get(5)).toEqual(["Yann, age: He is twelve. (chapter 2)"]);
    expect(chapters[0]?.repairs).toMatchObject([{ kind: "facts_missing" }]);
    expect(
      updatesOf(messages).some(({ message }) =>
        message.startsWith("Chapter 1: what it settles could not be noted"),
      ),
    ).toBe(true);
  });

  it("are asked for once more where the provider was only busy", async () => {
    const calls: string[] = [];
    let busy = 1;
    const { book, chapters } = await bookOf(
      {
        calls,
        facts: () => {
          if (busy-- > 0) throw new InkwireError("provider_busy", "busy", { retryable: true });
          return [{ subject: "Yann", fact: "He is twelve." }];
        },
      },
      1,
    );
    expect(book.status).toBe("completed");
    // The text was whole: only what was missing is asked for.
    expect(calls).toEqual(["chapter 1", "facts 1", "facts 1"]);
    expect(chapters[0]?.facts).toHaveLength(1);
  });

  it("are asked for once more also of a chapter that itself took a second attempt", async () => {
    const calls: string[] = [];
    let busy = 1;
    let away = 1;
    const { chapters } = await bookOf(
      {
        calls,
        text: () => {
          if (away-- > 0) throw new InkwireError("provider_busy", "busy", { retryable: true });
          return prose(14, 3);
        },
        facts: () => {
          if (busy-- > 0) throw new InkwireError("provider_busy", "busy", { retryable: true });
          return [{ subject: "Yann", fact: "He is twelve." }];
        },
      },
      1,
    );
    expect(calls).toEqual(["chapter 1", "chapter 1", "facts 1", "facts 1"]);
    expect(chapters[0]?.facts).toHaveLength(1);
  });

  it("are gone without after two attempts, however often the chapter is tried", async () => {
    const calls: string[] = [];
    const facts = () => {
      throw new InkwireError("provider_busy", "busy", { retryable: true });
    };
    const { chapters } = await bookOf({ calls, facts }, 1);
    expect(calls).toEqual(["chapter 1", "facts 1", "facts 1"]);
    expect(chapters[0]?.repairs).toMatchObject([{ kind: "facts_missing" }]);
  });
});

describe("a finished chapter", () => {
  const story = prose(14, 3);

  it("loses what its author said to whoever asked and its own title, for readers too, and says so", async () => {
    const { chapters, messages } = await bookOf(
      {
        text: () =>
          `Sure, here is the chapter you asked for:\n\n# Chapter 1: Part 1\n\n${story}\n\nLet me know if you want me to continue with the next chapter!`,
      },
      1,
    );
    expect(chapters[0]?.text).toBe(story);
    expect(textOf(messages, 1).text).toBe(story);
    expect(chapters[0]?.repairs?.map(({ kind }) => kind)).toEqual(["guard", "guard", "guard"]);
    expect(updatesOf(messages).some(({ message }) => message.includes("it is cut out"))).toBe(true);
  });

  it("has only the passages at fault mended, with one request", async () => {
    const calls: string[] = [];
    let asked: unknown;
    const passage = prose(10, 1);
    const text = `${passage}\n\n${prose(10, 2)}\n\nBut again: ${passage} And so on.`;
    const { chapters, messages } = await bookOf(
      {
        calls,
        text: () => text,
        mend: (task) => {
          asked = task.passages;
          return [
            "But nothing of that came back, and the wall stood there with its lamps as if nobody had ever leant on it, in the wind of the morning, and they went down to the boats, and did not look back at the houses or at the sea.",
          ];
        },
      },
      1,
    );
    expect(asked).toMatchObject([
      {
        text: `But again: ${passage} And so on.`,
        fault: expect.stringContaining("already") as string,
      },
    ]);
    expect(calls).toEqual(["chapter 1", "mend 1", "facts 1"]);
    expect(chapters[0]?.text).toContain("But nothing of that came back");
    expect(chapters[0]?.text.startsWith(passage)).toBe(true);
    expect(textOf(messages, 1).text).toBe(chapters[0]?.text);
    expect(chapters[0]?.repairs).toMatchObject([
      { kind: "guard", message: expect.stringMatching(/; mended$/) as string },
    ]);
  });

  it.each([
    ["fails", () => Promise.reject(new InkwireError("output_invalid", "no JSON"))],
    ["sends nothing", () => []],
    ["sends a remark", () => ["Sure, here is the chapter you asked for:"]],
    ["sends a book", () => ["x".repeat(100_000)]],
  ])("stays as it is where mending %s, and says so", async (_, mend) => {
    const passage = prose(10, 1);
    const text = `${passage}\n\nBut again: ${passage} And so on.`;
    const { book, chapters } = await bookOf({ text: () => text, mend }, 1);
    expect(book.status).toBe("completed");
    expect(chapters[0]?.text).toBe(text);
    expect(chapters[0]?.repairs).toMatchObject([{ kind: "guard" }]);
  });

  it("is not touched where its author does not mend: a person's words are theirs", async () => {
    const text = `Sure, here is the chapter you asked for:\n\n${story}`;
    await using room = await openBooksRoom(() => ({
      ...createCoherentAuthor({ text: () => text }),
      mend: undefined,
    }));
    await room.books.create("ada", request(1));
    await room.books.wait("ada", 1);
    expect((await room.books.chapters("ada", 1))[0]?.text).toBe(text);
  });

  it("takes no further request with coherence switched off", async () => {
    const calls: string[] = [];
    const author = () =>
      createCoherentAuthor({ calls, text: () => `Sure, here is the chapter:\n\n${story}` });
    await using room = await openBooksRoom(author, { coherence: false });
    await room.books.create("ada", request(4));
    await room.books.wait("ada", 1);
    expect(calls.toSorted()).toEqual(["chapter 1", "chapter 2", "chapter 3", "chapter 4"]);
  });

  it("is whole after its process ended while it was mended: the text is not bought again", async () => {
    const calls: string[] = [];
    const passage = prose(10, 1);
    let fails = 1;
    const author = () =>
      createCoherentAuthor({
        calls,
        text: () => `${passage}\n\nBut again: ${passage} And so on.`,
        mend: () => {
          if (fails-- > 0) throw new InkwireError("budget_exceeded", "the limit is reached");
          return [prose(9, 7)];
        },
      });
    await using room = await openBooksRoom(author);
    await room.books.create("ada", request(1));
    await room.books.wait("ada", 1);
    await room.books.resume("ada", 1);
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    expect(calls).toEqual(["chapter 1", "mend 1", "mend 1", "facts 1"]);
    expect((await room.books.chapters("ada", 1))[0]?.text).toBe(`${passage}\n\n${prose(9, 7)}`);
  });
});

it("cuts the instructions out of a chapter that a brief made its author print", async () => {
  const { book, chapters, messages } = await bookOf(
    {
      text: (number, task) =>
        number === 2
          ? `${prose(60, 2)}\n\n${chapterPrompt(task).system.split("\n\n")[1]}\n\n${prose(60, 3)}`
          : prose(12, number),
    },
    3,
  );
  expect(book.status).toBe("completed");
  const text = chapters[1]?.text ?? "";
  expect(text).toContain(prose(60, 3).slice(0, 80));
  expect(text).not.toContain("Bring the chapter to its end, with a complete last sentence");
  expect(chapters[1]?.repairs).toContainEqual({
    kind: "guard",
    message: expect.stringMatching(/^the author repeats its instructions: .*; it is cut out$/),
  });
  await expect.poll(() => textOf(messages, 2)).toEqual({ text, done: true });
});
