import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createTokenIssuer } from "../../src/auth/issuer.js";
import { startSource, type SourceProcess } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { SECRET } from "./support/server-room.js";
import { openSse, type SseReader } from "./support/sse-reader.js";

interface Site extends AsyncDisposable {
  readonly process: SourceProcess;
  readonly url: string;
  ask(
    call: string,
    body?: unknown,
    headers?: Record<string, string>,
    // oxlint-disable-next-line typescript/no-explicit-any -- what a client gets is what it finds
  ): Promise<{ status: number; json: any }>;
  listen(cursor?: string): Promise<SseReader>;
}

/** Starts the server in a process of its own on what lies in `folder`. */
async function start(folder: string, pauseMs: number, pieces: number): Promise<Site> {
  const args = [join(folder, "home"), join(folder, "journal"), `${pauseMs}`, `${pieces}`];
  const process = startSource("processes/serve.ts", import.meta.url, args);
  const url = (await process.line()) ?? "";
  const token = await createTokenIssuer({ secret: SECRET }).issue({ userId: "ada" });
  const authorization = `Bearer ${token}`;
  return {
    process,
    url,
    async ask(call, body, headers = {}) {
      const [method = "", path = ""] = call.split(" ");
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        json: text === "" ? undefined : (JSON.parse(text) as unknown),
      };
    },
    [Symbol.asyncDispose]: () => process.kill(),
    listen: (cursor) =>
      openSse(`${url}/events`, {
        authorization,
        ...(cursor !== undefined && { "last-event-id": cursor }),
      }),
  };
}

const journal = (folder: string): string[] =>
  readFileSync(join(folder, "journal"), "utf8").trim().split("\n");
const book = { title: "The Tides of Brittany", chapters: 6, words: 1_800 };
const keyed = { "idempotency-key": "once" };

async function completed(stream: SseReader): Promise<void> {
  await expect
    .poll(
      () =>
        stream.messages.some(
          ({ type, data }) => type === "book_generation_update" && data["status"] === "completed",
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
}

// Whole processes start here, which takes its time on a busy machine.
const timeout = 60_000;

it(
  "goes on by itself after SIGKILL in the middle of a book, and tells its clients the truth about their cursor",
  { timeout },
  async () => {
    using folder = tempDirectory();
    let cursor = "";
    let doneBefore: string[] = [];
    {
      await using before = await start(folder.path, 5, 30);
      await using stream = await before.listen();
      expect((await before.ask("POST /api/books", book, keyed)).json).toMatchObject({ book_id: 1 });
      await expect
        .poll(async () => (await before.ask("GET /api/books/1")).json.chapters_done, {
          timeout: 20_000,
          interval: 20,
        })
        .toBeGreaterThanOrEqual(2);
      await before.process.kill();
      await stream.ended;
      cursor = stream.lastEventId;
      doneBefore = journal(folder.path).slice(0, -1);
    }

    await using after = await start(folder.path, 0, 30);
    await using stream = await after.listen(cursor);
    // The history was that process's own, so what was missed can't be known: the state says it.
    expect((await stream.first("wire.hello")).data).toMatchObject({ resume: "reset" });
    await expect
      .poll(async () => (await after.ask("GET /api/books/1")).json.status, { timeout: 20_000 })
      .toBe("completed");
    const { json } = await after.ask("GET /api/books/1");
    expect(json).toMatchObject({ stopped: false, progress: 100, chapters_done: 6 });
    const { json: whole } = await after.ask("GET /api/books/1/chapters/6");
    expect(whole.text).toContain("Sentence 30 of chapter 6");

    // No finished chapter was asked for again, and the outline once.
    const calls = journal(folder.path);
    for (const call of doneBefore)
      expect(
        calls.filter((other) => other === call),
        call,
      ).toHaveLength(1);
    await expect
      .poll(async () =>
        (await after.ask("GET /api/notifications")).json.notifications.map(
          ({ id }: { id: string }) => id,
        ),
      )
      .toEqual(expect.arrayContaining([expect.stringMatching(/^book-1-.*-completed$/)]));
    const { json: inbox } = await after.ask("GET /api/notifications");
    expect(
      inbox.notifications.filter(({ kind }: { kind: string }) => kind === "book"),
    ).toHaveLength(1);
    // The key of the first process still makes no second book.
    expect((await after.ask("POST /api/books", book, keyed)).json).toMatchObject({ book_id: 1 });

    // With the same process, a client that was away is told that nothing is missing.
    const head = stream.lastEventId;
    await after.ask("POST /api/books", { ...book, chapters: 1 });
    await completed(stream);
    await using back = await after.listen(head);
    expect((await back.first("wire.hello")).data).toMatchObject({ resume: "recovered" });
    await completed(back);
  },
);

it(
  "drains at SIGTERM: unready, nobody new, each told when to come back, the chapter kept, exit 0",
  { timeout },
  async () => {
    using folder = tempDirectory();
    await using before = await start(folder.path, 25, 60);
    const streams = await Promise.all(Array.from({ length: 5 }, () => before.listen()));
    await before.ask("POST /api/books", { ...book, chapters: 3, words: 900 });
    // In the middle of the second chapter.
    await expect
      .poll(
        () => streams[0]?.messages.filter(({ data }) => data["current_step"] !== undefined).length,
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0);
    await expect.poll(() => journal(folder.path).length, { timeout: 20_000 }).toBe(3);
    before.process.child.kill("SIGTERM");

    await expect
      .poll(async () => (await before.ask("GET /ready")).status, { timeout: 5_000 })
      .toBe(503);
    expect(await before.ask("GET /events")).toMatchObject({
      status: 503,
      json: { code: "draining" },
    });
    expect((await before.ask("POST /api/books", book)).json).toMatchObject({ code: "draining" });
    expect((await before.ask("GET /api/books/1")).status).toBe(200);
    const waits = await Promise.all(
      streams.map(
        async (stream) =>
          (await stream.first("wire.goodbye")).data as unknown as {
            reason: string;
            reconnect: boolean;
            reconnect_ms: number;
          },
      ),
    );
    for (const wait of waits) expect(wait).toMatchObject({ reason: "drain", reconnect: true });
    expect(new Set(waits.map(({ reconnect_ms: ms }) => ms)).size).toBeGreaterThan(1);
    await Promise.all(streams.map(({ ended }) => ended));
    expect(await before.process.line()).toBe("closed");
    expect(await before.process.ended).toBe(0);
    // The chapter under way reached its checkpoint, and no further one was begun.
    expect(journal(folder.path)).toEqual(["outline", "1", "2"]);

    await using after = await start(folder.path, 0, 60);
    await expect
      .poll(async () => (await after.ask("GET /api/books/1")).json.status, { timeout: 20_000 })
      .toBe("completed");
    expect(journal(folder.path)).toEqual(["outline", "1", "2", "3"]);
  },
);
