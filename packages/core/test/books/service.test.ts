import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Author } from "../../src/books/authors/author.js";
import { InkwireError, isTerminalStatus, userTopic } from "../../src/protocol/index.js";
import { openBooksRoom, textOf, updatesOf } from "./support/books-room.js";
import { createScriptedAuthor, type Script } from "./support/scripted-author.js";

const ada = "ada";
const request = { title: "The Tides of Brittany", chapters: 4, words: 1_200 };
const scripted =
  (script?: Script): (() => Author) =>
  () =>
    createScriptedAuthor(script);

/** Resolves the promise that a script waits for, and tells how often the script came there. */
function gate(): { readonly promise: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
}

it("turns a request into a job, messages, and a whole book", async () => {
  await using room = await openBooksRoom(scripted({ concurrency: 2 }));
  const messages = room.listen("user/ada", "book/1");
  const created = await room.books.create(ada, request);
  expect(created).toEqual({ bookId: 1, taskId: "book-1", status: "queued" });
  const book = await room.books.wait(ada, 1);
  expect(book).toMatchObject({
    id: 1,
    title: "The Tides of Brittany",
    status: "completed",
    stopped: false,
    progress: 100,
    words: 4 * 340,
    targetWords: 1_200,
    premise: "What The Tides of Brittany is about.",
    author: { id: "scripted:one", label: "a script" },
    usage: { inputTokens: 40, outputTokens: 200, estimated: false },
    error: undefined,
  });
  expect(book.chapters.map((chapter) => chapter.state)).toEqual(["done", "done", "done", "done"]);

  const updates = updatesOf(messages);
  expect(updates[0]).toMatchObject({ status: "queued", task_id: "book-1" });
  expect(updates.at(-1)).toMatchObject({ status: "completed", progress: 100 });
  const progress = updates.map((update) => update.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(messages.filter(({ type }) => type === "notification")).toHaveLength(1);
  for (const { number, text } of await room.books.chapters(ada, 1)) {
    expect(textOf(messages, number)).toEqual({ text, done: true });
  }
  expect(room.problems).toEqual([]);
});

it("refuses a request before anything is stored", async () => {
  await using room = await openBooksRoom(scripted());
  await expect(room.books.create(ada, { title: "" })).rejects.toMatchObject({
    code: "invalid_request",
  });
  await expect(room.books.create("no/such user", request)).rejects.toMatchObject({
    code: "invalid_request",
  });
  await expect(room.books.create(ada, request, { source: [] })).rejects.toMatchObject({
    code: "invalid_request",
  });
  expect(await room.books.list(ada)).toEqual([]);
  await room.books.create(ada, request);
  expect((await room.books.list(ada)).map((book) => book.id)).toEqual([1]);
});

it("refuses an author that can't write before anything is stored", async () => {
  const refusal = new InkwireError("author_unavailable", "OPENAI_API_KEY is not set.");
  await using room = await openBooksRoom(() => {
    throw refusal;
  });
  await expect(room.books.create(ada, request)).rejects.toBe(refusal);
  expect(await room.books.list(ada)).toEqual([]);
});

it("keeps two owners apart: another's book is as missing as one that never was", async () => {
  await using room = await openBooksRoom(scripted());
  const stranger = room.listen("user/bob", "book/2");
  await room.books.create(ada, request);
  await room.books.wait(ada, 1);
  const attempts = (id: number) => [
    room.books.get("bob", id),
    room.books.chapter("bob", id, 1),
    room.books.chapters("bob", id),
    room.books.cancel("bob", id),
    room.books.resume("bob", id),
    room.books.remove("bob", id),
    room.books.export("bob", id, "markdown"),
    room.books.wait("bob", id),
  ];
  const told = async (id: number) => {
    const results = await Promise.allSettled(attempts(id));
    return results.map((result) =>
      result.status === "rejected" ? String(result.reason).replaceAll(`${id}`, "#") : "accepted",
    );
  };
  const others = await told(1);
  expect(others).toEqual(await told(999));
  expect(new Set(others)).toEqual(new Set(["InkwireError: There is no book #"]));
  expect(await room.books.list("bob")).toEqual([]);
  expect(stranger).toEqual([]);
  expect((await room.books.get(ada, 1)).status).toBe("completed");
});

it.each([0, -1, 1.5, Number.NaN, Number.MAX_VALUE])("knows no book %d", async (id) => {
  await using room = await openBooksRoom(scripted());
  await expect(room.books.get(ada, id)).rejects.toMatchObject({ code: "not_found" });
});

it("says that it tries again, and ends well", async () => {
  let failures = 2;
  const before = (chapter: number): void => {
    if (chapter === 3 && failures-- > 0)
      throw new InkwireError("provider_busy", "429", { retryable: true });
  };
  await using room = await openBooksRoom(scripted({ before }));
  const messages = room.listen("user/ada");
  await room.books.create(ada, request);
  expect((await room.books.wait(ada, 1)).status).toBe("completed");
  const retries = updatesOf(messages).filter((update) => update.retry_at !== undefined);
  expect(
    retries.map(({ attempt, current_step, error }) => [current_step, attempt, error?.code]),
  ).toEqual([
    ["chapter 3", 2, "provider_busy"],
    ["chapter 3", 3, "provider_busy"],
  ]);
  expect(retries[0]?.message).toMatch(
    /^Chapter 3: the provider is busy, trying again .* \(2 of 5\)$/,
  );
});

it("begins the text of a repeated chapter anew, so that readers end with what is saved", async () => {
  let attempts = 0;
  const after = (chapter: number): void => {
    if (chapter === 1 && (attempts += 1) === 1) {
      throw new InkwireError("output_truncated", "cut", { retryable: true });
    }
  };
  const pieces = (): string[] =>
    attempts === 0 ? ["A first try that is long and gets cut"] : ["The second."];
  await using room = await openBooksRoom(scripted({ after, pieces }));
  const messages = room.listen("book/1");
  await room.books.create(ada, { ...request, chapters: 1 });
  await room.books.wait(ada, 1);
  const saved = await room.books.chapter(ada, 1, 1);
  expect(saved).toEqual({ title: "Part 1", text: "The second.", done: true });
  expect(textOf(messages, 1)).toEqual({ text: "The second.", done: true });
});

it("fails with the reason, keeps what is done, and asks for no chapter twice after a resume", async () => {
  let works = false;
  const before = (chapter: number): void => {
    if (chapter === 3 && !works)
      throw new InkwireError("author_refused_key", "The provider refused the key.");
  };
  const calls: string[] = [];
  await using room = await openBooksRoom(scripted({ before, calls }));
  const messages = room.listen("user/ada");
  await room.books.create(ada, request);
  const failed = await room.books.wait(ada, 1);
  expect(failed).toMatchObject({
    status: "failed",
    stopped: false,
    error: {
      code: "author_refused_key",
      message: "The provider refused the key.",
      retryable: false,
    },
  });
  expect(failed.chapters.map((chapter) => chapter.state)).toEqual([
    "done",
    "done",
    "waiting",
    "waiting",
  ]);
  expect(updatesOf(messages).at(-1)).toMatchObject({
    status: "failed",
    message: "Chapter 3: The provider refused the key.",
    error: { code: "author_refused_key" },
  });
  const failedAt = updatesOf(messages).at(-1)?.progress ?? 0;

  works = true;
  messages.length = 0;
  await room.books.resume(ada, 1);
  expect(await room.books.wait(ada, 1)).toMatchObject({ status: "completed", error: undefined });
  expect(calls).toEqual(["outline", "1", "2", "3", "3", "4"]);
  expect(updatesOf(messages).every((update) => update.progress >= failedAt)).toBe(true);
});

it("cancels while a chapter is being written, keeps what is done, and can be resumed", async () => {
  const reached = gate();
  const hold = gate();
  const after = async (chapter: number, signal: AbortSignal): Promise<void> => {
    if (chapter !== 2 || reached === undefined) return;
    reached.open();
    await Promise.race([
      hold.promise,
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
    ]);
  };
  const calls: string[] = [];
  await using room = await openBooksRoom(scripted({ after, calls }));
  const messages = room.listen("user/ada");
  await room.books.create(ada, request);
  await reached.promise;
  await room.books.cancel(ada, 1);
  const cancelled = await room.books.wait(ada, 1);
  expect(cancelled.status).toBe("cancelled");
  expect(cancelled.chapters.map((chapter) => chapter.state)).toEqual([
    "done",
    "waiting",
    "waiting",
    "waiting",
  ]);
  expect((await room.books.chapter(ada, 1, 2)).text).toContain("chapter 2");
  expect(isTerminalStatus(updatesOf(messages).at(-1)?.status ?? "queued")).toBe(true);

  hold.open();
  await room.books.resume(ada, 1);
  expect((await room.books.wait(ada, 1)).status).toBe("completed");
  expect(calls).toEqual(["outline", "1", "2", "2", "3", "4"]);
});

it("can be read while it is written, at least as far as was published", async () => {
  const reached = gate();
  const hold = gate();
  const after = async (): Promise<void> => {
    reached.open();
    await hold.promise;
  };
  await using room = await openBooksRoom(
    scripted({ pieces: () => ["The tide ", "comes in."], after }),
  );
  await expect(room.books.create(ada, { ...request, chapters: 2 })).resolves.toBeDefined();
  await reached.promise;
  expect(await room.books.chapter(ada, 1, 1)).toEqual({
    title: "Part 1",
    text: "The tide comes in.",
    done: false,
  });
  expect(await room.books.chapter(ada, 1, 2)).toEqual({ title: "Part 2", text: "", done: false });
  await expect(room.books.chapter(ada, 1, 3)).rejects.toMatchObject({ code: "not_found" });
  const book = await room.books.get(ada, 1);
  expect(book.chapters[0]).toMatchObject({ state: "writing", words: 4 });
  expect(book).toMatchObject({ status: "processing", stopped: false, words: 4 });
  await expect(room.books.remove(ada, 1)).rejects.toMatchObject({ code: "job_busy" });
  hold.open();
  await room.books.wait(ada, 1);
  expect(await room.books.chapter(ada, 1, 1)).toEqual({
    title: "Part 1",
    text: "The tide comes in.",
    done: true,
  });
});

it("stops at a shutdown without an end, and another process goes on with it", async () => {
  const reached = gate();
  const calls: string[] = [];
  const after = async (chapter: number, signal: AbortSignal): Promise<void> => {
    if (chapter !== 2 || calls.length > 3) return;
    reached.open();
    await new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error)),
    );
  };
  await using room = await openBooksRoom(scripted({ calls, after }));
  const messages = room.listen("user/ada");
  await room.books.create(ada, request);
  await reached.promise;
  await room.books.close({ graceMs: 0 });
  expect(updatesOf(messages).at(-1)).toMatchObject({
    status: "processing",
    message: "Stopped; a resume goes on from here",
  });

  const next = await room.again(scripted({ calls, after }));
  expect(await next.get(ada, 1)).toMatchObject({ status: "processing", stopped: true });
  expect(await next.recover()).toEqual([1]);
  expect(await next.wait(ada, 1)).toMatchObject({ status: "completed", stopped: false });
  expect(calls).toEqual(["outline", "1", "2", "2", "3", "4"]);
});

it("exports what is finished, marked as unfinished, and refuses a book without any chapter", async () => {
  const before = (chapter: number): void => {
    if (chapter > 2) throw new InkwireError("provider_failed", "broken");
  };
  await using room = await openBooksRoom(scripted({ before, notice: "Written by a script" }));
  await room.books.create(ada, request);
  await room.books.wait(ada, 1);
  const file = await room.books.export(ada, 1, "markdown");
  const text = Buffer.from(file.bytes).toString();
  expect(file).toMatchObject({ name: "the-tides-of-brittany.md" });
  expect(text).toContain("The Tides of Brittany");
  expect(text).toContain("Sentence 20 of chapter 2");
  expect(text).toContain("Written by a script");
  expect(text).toMatch(/2 of 4/);
  expect((await room.books.export(ada, 1, "markdown")).bytes).toEqual(file.bytes);

  const other = await room.again(scripted({ before: (chapter) => before(chapter + 2) }));
  await other.create(ada, request);
  await other.wait(ada, 2);
  await expect(other.export(ada, 2, "markdown")).rejects.toMatchObject({ code: "conflict" });
});

it("writes a book in which titles and text mean harm, and keeps them harmless", async () => {
  const pieces = (): string[] => [
    "\u001b]0;owned\u0007<script>alert(1)</script>",
    "\ud83d",
    "\ude00 [x](javascript:alert(1)) \u0000 end.\ud800",
  ];
  await using room = await openBooksRoom(scripted({ pieces }));
  const messages = room.listen("user/ada", "book/1");
  await room.books.create(ada, { title: "../../\u001b[31m$(reboot) <b>&\u202e", chapters: 1 });
  const book = await room.books.wait(ada, 1);
  const { text } = await room.books.chapter(ada, 1, 1);
  expect(text).toBe("]0;owned<script>alert(1)</script>😀 [x](javascript:alert(1))  end.\ufffd");
  expect(textOf(messages, 1).text).toBe(text);
  const everything = JSON.stringify([messages, book]);
  expect(everything).not.toMatch(/\\u00[01]|\\ud8|[\u007f-\u009f\u202a-\u202e]/);
  expect((await room.books.export(ada, 1, "markdown")).name).toBe("31m-reboot-b.md");
});

it("forgets a removed book whole: record, job, checkpoints, drafts and source", async () => {
  await using room = await openBooksRoom(
    scripted({
      before: (chapter) => {
        if (chapter === 2) throw new InkwireError("provider_failed", "broken");
      },
    }),
  );
  const before = await room.home.storage.getKeys();
  const source = [{ path: "notes.md", bytes: Buffer.from("# Notes") }];
  await room.books.create(ada, request, { source });
  await room.books.wait(ada, 1);
  await room.books.remove(ada, 1);
  expect(await room.home.storage.getKeys()).toEqual(before);
  expect(await readdir(join(room.directory, "drafts")).catch(() => [])).toEqual([]);
  expect(await room.books.list(ada)).toEqual([]);
  await expect(room.books.get(ada, 1)).rejects.toMatchObject({ code: "not_found" });
  expect((await room.books.create(ada, request)).bookId).toBe(2);
});

it("keeps a source in the home, and gives it to the author of every run", async () => {
  const given: Array<readonly { readonly path: string; readonly text: string }[] | undefined> = [];
  const room = await openBooksRoom(scripted(), {
    authors: {
      async resolve(_request, source) {
        given.push(
          source?.map(({ path, bytes }) => ({ path, text: Buffer.from(bytes).toString() })),
        );
        return createScriptedAuthor();
      },
    },
  });
  await using _ = room;
  const bytes = Buffer.from("# Notes from the coast");
  await room.books.create(ada, request, { source: [{ path: "a/Notes é.md", bytes }] });
  bytes.fill(0);
  await room.books.wait(ada, 1);
  const expected = [{ path: "a/Notes é.md", text: "# Notes from the coast" }];
  expect(given).toEqual([expected, expected]);
});

it("lists on past a damaged record, tells of it, and never overwrites it", async () => {
  await using room = await openBooksRoom(scripted());
  for (const title of ["One", "Two", "Three"]) {
    const { bookId } = await room.books.create(ada, { title, chapters: 1 });
    await room.books.wait(ada, bookId);
  }
  const key = (await room.home.storage.getKeys("books")).find((name) => name.endsWith(":2")) ?? "";
  await room.home.storage.setItem(key, '{"v":1,"data":{"id":2,');
  const fresh = await room.again(scripted());
  expect((await fresh.list(ada)).map((book) => book.title)).toEqual(["One", "Three"]);
  expect(room.problems).toMatchObject([
    { code: "record_damaged", message: expect.stringContaining(key) },
  ]);
  expect(await room.home.storage.getKeys("quarantine")).toHaveLength(1);
});

it("gives a book whose job never was a job by a resume", async () => {
  await using room = await openBooksRoom(scripted());
  await room.books.create(ada, { title: "T", chapters: 1 });
  await room.books.wait(ada, 1);
  // What a crash between the two writes leaves.
  for (const prefix of ["jobs", "steps"]) {
    for (const key of await room.home.storage.getKeys(prefix))
      await room.home.storage.removeItem(key);
  }
  const fresh = await room.again(scripted());
  expect(await fresh.get(ada, 1)).toMatchObject({ status: "queued", stopped: true, progress: 0 });
  await fresh.resume(ada, 1);
  expect((await fresh.wait(ada, 1)).status).toBe("completed");
});

it("refuses to resume what is complete", async () => {
  await using room = await openBooksRoom(scripted());
  await room.books.create(ada, { title: "T", chapters: 1 });
  await room.books.wait(ada, 1);
  await expect(room.books.resume(ada, 1)).rejects.toMatchObject({ code: "job_finished" });
});

it("writes for two owners at once, each with its own messages", async () => {
  await using room = await openBooksRoom(scripted({ concurrency: 3 }));
  const owners = ["ada", "bob"];
  const streams = owners.map((owner) => room.listen(userTopic(owner)));
  const made = await Promise.all(
    owners.map((owner) => room.books.create(owner, { ...request, title: `Of ${owner}` })),
  );
  await Promise.all(made.map(({ bookId }, index) => room.books.wait(owners[index] ?? "", bookId)));
  for (const [index, stream] of streams.entries()) {
    expect(new Set(updatesOf(stream).map((update) => update.book_title))).toEqual(
      new Set([`Of ${owners[index]}`]),
    );
    expect(updatesOf(stream).at(-1)?.status).toBe("completed");
  }
});
