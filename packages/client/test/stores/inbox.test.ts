import type { NotificationData } from "@inkwire/core/protocol";
import { expect, it } from "vitest";
import { createInbox } from "../../src/stores/inbox.js";
import { createApi, json, record } from "../support/api.js";

const note = (id: string, more: Partial<NotificationData> = {}): NotificationData => ({
  id,
  title: `Title ${id}`,
  message: "m",
  type: "info",
  ...more,
});
const ids = (inbox: ReturnType<typeof createInbox>) =>
  inbox.get().notifications.map(({ id, read_at }) => (read_at === undefined ? id : `${id} read`));

/** An inbox of five, three a page, whose calls can be made to fail or to wait. */
function createServer() {
  const all = ["e", "d", "c", "b", "a"].map((id) => note(id));
  const server = { fails: false, unread: 5, hold: undefined as Promise<void> | undefined };
  const api = createApi(async ({ method, url }) => {
    await server.hold;
    const { pathname, searchParams } = new URL(url);
    if (method !== "GET") {
      return server.fails
        ? json({ code: "draining", detail: "Going down" }, 503)
        : pathname.includes("gone")
          ? json({ code: "not_found", detail: "" }, 404)
          : json({ unread: server.unread });
    }
    const from = Number(searchParams.get("cursor") ?? 0);
    const size = Math.min(3, Number(searchParams.get("limit")));
    return json({
      notifications: all.slice(from, from + size),
      unread: server.unread,
      ...(from + size < all.length && { next: String(from + size) }),
    });
  });
  return { ...api, server };
}

it("reads a page, and more of them when asked, each once", async () => {
  const { client, clock, settle, calls } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  expect(inbox.get()).toMatchObject({ isLoading: false, unread: 5, next: "3" });
  client.emit("notification", note("f"));
  await Promise.all([inbox.loadMore(), inbox.loadMore()]);
  await inbox.loadMore();
  expect(ids(inbox)).toEqual(["f", "e", "d", "c", "b", "a"]);
  expect(calls()).toEqual([
    "GET api/notifications?limit=50",
    "GET api/notifications?limit=50&cursor=3",
  ]);
});

it("takes what is new, read or removed elsewhere as it is told, with the server's count", async () => {
  const { client, clock, settle } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  client.emit("notification", note("f"));
  client.emit("notification", note("f"));
  client.emit("inbox_update", { unread: 6 });
  client.emit("inbox_update", { unread: 4, read: ["e"], removed: ["d", "unknown"] });
  expect(inbox.get().unread).toBe(4);
  expect(ids(inbox)).toEqual(["f", "e read", "c"]);
});

it("marks as read at once, and counts when the server has counted", async () => {
  const { client, clock, settle, server, calls } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  let go = (): void => undefined;
  server.hold = new Promise((resolve) => (go = resolve));
  const reading = inbox.read("d");
  expect(ids(inbox)).toEqual(["e", "d read", "c"]);
  expect(inbox.get().unread).toBe(5);
  go();
  await reading;
  expect(ids(inbox)).toEqual(["e", "d read", "c"]);
  client.emit("inbox_update", { unread: 4, read: ["d"] });
  expect(inbox.get().unread).toBe(4);
  expect(calls().at(-1)).toBe("POST api/notifications/d/read");
  await inbox.readAll();
  await inbox.remove("d");
  expect(ids(inbox)).toEqual(["e read", "c read"]);
  expect(calls().slice(-2)).toEqual([
    "POST api/notifications/read-all",
    "DELETE api/notifications/d",
  ]);
});

it("takes back what the server did not do, and only that", async () => {
  const { client, clock, settle, server } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  const seen = record(inbox);
  const removing = inbox.remove("e");
  server.fails = true;
  const reading = inbox.read("c");
  server.hold = undefined;
  expect(ids(inbox)).toEqual(["d", "c read"]);
  client.emit("notification", note("f"));
  await expect(reading).rejects.toMatchObject({ code: "draining", retryable: true });
  await removing.catch(() => undefined);
  expect(ids(inbox)).toContain("c");
  expect(ids(inbox)[0]).toBe("f");
  expect(seen.some(({ error }) => error?.code === "draining")).toBe(true);
});

it("is content when what it removes is gone already", async () => {
  const { client, clock, settle } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  client.emit("notification", note("gone"));
  await inbox.remove("gone");
  expect(ids(inbox)).not.toContain("gone");
  expect(inbox.get().error).toBeUndefined();
});

it("asks for the count where no stream tells it", async () => {
  const { client, clock, settle, server } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  client.setState({ status: "waiting" });
  server.unread = 4;
  await inbox.read("e");
  await settle();
  expect(inbox.get().unread).toBe(4);
});

it("keeps what is on the screen when it reads again, and never shows what another user has", async () => {
  const { client, clock, settle, calls } = createServer();
  const inbox = createInbox(client, { clock });
  await settle();
  const seen = record(inbox);
  client.gap({ kind: "gap", topics: ["user/1"] });
  await settle();
  expect(calls()).toHaveLength(2);
  expect(seen.every(({ notifications }) => notifications.length === 3)).toBe(true);
  Object.assign(client, { userId: "2" });
  client.gap({ kind: "reset", topics: ["user/2"] });
  expect(inbox.get()).toMatchObject({ notifications: [], unread: undefined, isLoading: true });
});

it.each([
  { notifications: {}, unread: 1 },
  { notifications: [null], unread: 1 },
  { notifications: [{ id: 7 }], unread: 1 },
  { notifications: [] },
])("ends in an error for what is no inbox: %j", async (body) => {
  const { client, clock, settle } = createApi(() => json(body));
  const inbox = createInbox(client, { clock });
  await settle();
  expect(inbox.get()).toMatchObject({ isLoading: false, error: { code: "server_failed" } });
});

it("says why a page could not be had, and gets it the next time", async () => {
  let isBroken = false;
  const { client, clock, settle } = createApi(({ url }) =>
    isBroken
      ? new Response("<html>")
      : url.includes("cursor")
        ? json({ notifications: [note("z")], unread: 1 })
        : json({ notifications: [note("a")], unread: 1, next: "n1" }),
  );
  const inbox = createInbox(client, { clock });
  await settle();
  isBroken = true;
  await inbox.loadMore();
  expect(inbox.get()).toMatchObject({ error: { code: "server_failed" }, next: "n1" });
  isBroken = false;
  await inbox.loadMore();
  expect(inbox.get()).toMatchObject({ error: undefined, next: undefined });
  expect(ids(inbox)).toEqual(["a", "z"]);
});
