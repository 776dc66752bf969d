import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, type Sandbox } from "../support/cli.js";
import {
  hasPythonWebsockets,
  openPageHost,
  withChromium,
  withCurl,
  withEventSourcePackage,
  withPython,
  withWs,
  type ForeignClient,
  type PageHost,
} from "../support/foreign-clients.js";
import { callApi, serve, tokenOf, type Served } from "../support/served.js";

if (!hasPythonWebsockets)
  console.warn("skipped: /usr/bin/python3 has no websockets (apt-get install python3-websockets)");

/** Whole processes and a browser start here, which takes its time on a busy machine. */
const timeout = 60_000;
const book = { title: "Ports", chapters: 2, words: 600, author: "offline" };

let box: Sandbox;
let host: PageHost;
let server: Served;
let mine: string;
let others: string;

beforeAll(async () => {
  await ensureBuilt();
  box = createSandbox();
  host = await openPageHost();
  // The secret of a new home is made by whoever comes first.
  mine = await tokenOf(box, "--user", "1");
  [server, others] = await Promise.all([
    serve(box, ["--cors", host.origin]),
    tokenOf(box, "--user", "2"),
  ]);
}, 120_000);

afterAll(async () => {
  box?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const updates = ({ received }: ForeignClient, bookId: number) =>
  received.filter(({ type, data }) => type === "book_generation_update" && data.book_id === bookId);

const greeted = (clients: readonly ForeignClient[]) =>
  expect
    .poll(() => clients.filter(({ received }) => received.length === 0).map(({ name }) => name), {
      timeout: 20_000,
    })
    .toEqual([]);

async function allClients(token: string): Promise<ForeignClient[]> {
  const { url } = server;
  return [
    await withChromium(host, url, token),
    withCurl(url, token),
    withEventSourcePackage(url, token),
    withWs(url, token),
    ...(hasPythonWebsockets ? [withPython(url, token)] : []),
  ];
}

describe("clients that know the protocol alone", () => {
  it(
    "are told all of a book of theirs from queued to completed, and nothing of another's",
    { timeout },
    async () => {
      await using clients = new AsyncDisposableStack();
      const [own, foreign] = await Promise.all([allClients(mine), allClients(others)]);
      for (const client of [...own, ...foreign]) clients.use(client);
      await greeted([...own, ...foreign]);
      for (const { name, received } of own) {
        expect(received[0], name).toMatchObject({ type: "wire.hello", data: { resume: "fresh" } });
      }

      const { book_id: id } = await callApi<{ book_id: number }>(
        server.url,
        mine,
        "POST /api/books",
        book,
      );
      await expect
        .poll(
          () => own.filter((client) => updates(client, id).at(-1)?.data.status !== "completed"),
          { timeout: 20_000 },
        )
        .toEqual([]);
      for (const client of own) {
        const told = updates(client, id);
        const statuses = [...new Set(told.map(({ data }) => data.status))];
        expect(statuses, client.name).toEqual(["queued", "processing", "completed"]);
        const progress = told.map(({ data }) => data.progress);
        expect(progress, client.name).toEqual(progress.toSorted((a, b) => a - b));
        const ids = client.received.flatMap(({ id }) => id ?? []);
        expect(new Set(told.map(({ id }) => id)).size, client.name).toBe(told.length);
        expect(ids.length, client.name).toBeGreaterThan(told.length);
      }
      // All five are told the same: not more of it over one transport than over the other.
      const [first, ...rest] = own.map((client) => updates(client, id).map(({ id }) => id));
      for (const ids of rest) expect(ids).toEqual(first);

      // Something of their own is the proof that they would have heard the other by now.
      const second = await callApi<{ book_id: number }>(server.url, others, "POST /api/books", {
        ...book,
        chapters: 1,
      });
      await expect
        .poll(
          () =>
            foreign.filter(
              (client) => updates(client, second.book_id).at(-1)?.data.status !== "completed",
            ),
          { timeout: 20_000 },
        )
        .toEqual([]);
      for (const client of foreign) {
        expect(updates(client, id), client.name).toEqual([]);
        const topics = new Set(client.received.flatMap(({ topic }) => topic ?? []));
        expect([...topics].filter((topic) => topic !== "user/2" && topic !== "all")).toEqual([]);
      }
    },
  );

  it("are refused the topic of another's book", { timeout }, async () => {
    const response = await fetch(`${server.url}/events?topics=book/1`, {
      headers: { authorization: `Bearer ${others}` },
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "topic_forbidden" });
  });

  it(
    "come back by themselves after SIGKILL in the middle of a book, are told that they have to look, and see its end",
    { timeout },
    async () => {
      const port = new URL(server.url).port;
      server.child.kill("SIGTERM");
      await server.ended;
      const args = ["--port", port, "--cors", host.origin];
      // So slow that it ends neither before it is killed nor before everybody is back.
      const slow = { INKWIRE_PACE: "80" };
      server = await serve(box, args, slow);
      await using page = await withChromium(host, server.url, mine);
      await using source = withEventSourcePackage(server.url, mine);
      const clients = [page, source];
      await greeted(clients);
      const { book_id: id } = await callApi<{ book_id: number }>(
        server.url,
        mine,
        "POST /api/books",
        { ...book, words: 1_600 },
      );
      await expect
        .poll(() => updates(page, id).some(({ data }) => data.status === "processing"), {
          timeout: 20_000,
        })
        .toBe(true);
      server.child.kill("SIGKILL");
      await server.ended;

      server = await serve(box, args, slow);
      await expect
        .poll(
          () =>
            clients
              .filter((client) => updates(client, id).at(-1)?.data.status !== "completed")
              .map(({ name }) => name),
          { timeout: 30_000 },
        )
        .toEqual([]);
      for (const { name, received } of clients) {
        const verdicts = received.filter(({ type }) => type === "wire.hello");
        // Its history died with the process: what was missed can't be known, and nobody pretends to.
        expect(
          verdicts.map(({ data }) => data.resume),
          name,
        ).toEqual(["fresh", "reset"]);
      }
      const state = await callApi<{ status: string; chapters_done: number }>(
        server.url,
        mine,
        `GET /api/books/${id}`,
      );
      expect(state).toMatchObject({ status: "completed", chapters_done: 2 });
    },
  );
});
