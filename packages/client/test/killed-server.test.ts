import { beforeAll, expect, it } from "vitest";
import { createProcessSandbox, ensureBuilt } from "../../cli/test/support/process-sandbox.js";
import { callApi, serve, tokenOf } from "../../cli/test/support/served.js";
import {
  createBookProgress,
  createChapterText,
  createClient,
  createInbox,
  type Gap,
} from "../src/index.js";
import { until } from "./support/harness.js";

beforeAll(ensureBuilt, 120_000);

it(
  "shows the right state after SIGKILL of `inkwire serve` in the middle of a book",
  { timeout: 90_000 },
  async () => {
    using box = createProcessSandbox();
    const token = await tokenOf(box, "--user", "ada");
    // So slow that it ends neither before it is killed nor before everybody is back.
    const slow = { INKWIRE_PACE: "100" };
    const before = await serve(box, [], slow);
    const { book_id: id } = await callApi<{ book_id: number }>(
      before.url,
      token,
      "POST /api/books",
      {
        title: "Ports",
        chapters: 2,
        words: 1_200,
        author: "offline",
      },
    );
    await using closing = new AsyncDisposableStack();
    const screens = (["sse", "websocket"] as const).map((transport) => {
      const client = closing.use(createClient({ url: before.url, token, transport }));
      const gaps: Gap[] = [];
      client.onGap((gap) => gaps.push(gap));
      const progress = createBookProgress(client, id);
      const text = createChapterText(client, id, 1);
      const inbox = createInbox(client);
      for (const store of [progress, text, inbox]) closing.defer(() => store.close());
      const shown: number[] = [];
      progress.subscribe(({ update }) => void shown.push(update?.progress ?? 0));
      client.connect();
      return { gaps, progress, text, inbox, shown };
    });
    await until(
      () => screens.every(({ text }) => text.get().text.length > 200),
      "the text",
      30_000,
    );

    before.child.kill("SIGKILL");
    await before.ended;
    const after = await serve(box, ["--port", new URL(before.url).port], slow);
    // Nobody asked for a resume.
    await until(
      () => screens.every(({ progress, text }) => progress.get().isDone && text.get().isDone),
      "the end of the book",
      60_000,
    );

    const { text: whole } = await callApi<{ text: string }>(
      after.url,
      token,
      `GET /api/books/${id}/chapters/1`,
    );
    expect(whole.length).toBeGreaterThan(1_000);
    for (const { gaps, progress, text, inbox, shown } of screens) {
      expect(progress.get().update).toMatchObject({ status: "completed", progress: 100 });
      expect(shown).toEqual(shown.toSorted((a, b) => a - b));
      // The history died with the process, which the client is told, and tells.
      expect(gaps.map(({ kind }) => kind)).toEqual(["reset"]);
      expect(gaps[0]?.topics).toEqual(expect.arrayContaining(["user/ada", `book/${id}`]));
      expect(text.get().text).toBe(whole);
      const ends = () => inbox.get().notifications.filter(({ kind }) => kind === "book");
      await until(() => ends().length > 0, "the notification");
      expect(ends()).toHaveLength(1);
    }
  },
);
