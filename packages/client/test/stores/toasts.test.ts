import type { NotificationData } from "@inkwire/core/protocol";
import { expect, it, vi } from "vitest";
import type { LifecycleEvent } from "../../src/environment.js";
import { safeLink } from "../../src/stores/link.js";
import { timeToReadMs } from "../../src/stores/toast.js";
import { createToasts, type ToastsOptions } from "../../src/stores/toasts.js";
import { createMockClient } from "../../src/testing/mock-client.js";
import { createVirtualClock } from "../../src/testing/virtual-clock.js";

const note = (id: string, more: Partial<NotificationData> = {}): NotificationData => ({
  id,
  title: "Title",
  message: "A message",
  type: "info",
  ...more,
});

function createPage() {
  const listeners = new Set<(event: LifecycleEvent) => void>();
  const page = {
    isAway: false,
    subscribe(listener: (event: LifecycleEvent) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isHidden: () => page.isAway,
    isOnline: () => true,
    look() {
      page.isAway = false;
      for (const listener of listeners) listener("wake");
    },
  };
  return page;
}

async function setUp(options: ToastsOptions = {}) {
  const client = createMockClient();
  const clock = createVirtualClock();
  const page = createPage();
  const toasts = createToasts(client, { clock, lifecycle: page, ...options });
  const emit = async (...notes: NotificationData[]) => {
    for (const one of notes) client.emit("notification", one);
    await clock.advance(0);
  };
  const ids = () => toasts.get().visible.map(({ id }) => id);
  return { client, clock, page, toasts, emit, ids };
}

it("shows each once, as long as it takes to read, and an error until it is dismissed", async () => {
  const { toasts, emit, ids, clock } = await setUp();
  await emit(
    note("a"),
    note("a"),
    note("b", { type: "error" }),
    note("c", { message: "x".repeat(120) }),
  );
  expect(ids()).toEqual(["b", "a", "c"]);
  await clock.advance(5_000);
  expect(ids()).toEqual(["b", "c"]);
  await clock.advance(60_000);
  expect(ids()).toEqual(["b"]);
  toasts.dismiss("b");
  expect(ids()).toEqual([]);
  await emit(note("b", { type: "error" }));
  expect(ids()).toEqual([]);
});

it("gives long texts and those with an action more time, within bounds", () => {
  const ms = (length: number, action?: object) =>
    timeToReadMs({ title: "", message: "x".repeat(length), action });
  expect(ms(0)).toBe(5_000);
  expect(ms(100)).toBe(9_500);
  expect(ms(100, {})).toBe(13_500);
  expect(ms(2_000)).toBe(30_000);
});

it("lets the urgent go first, and the rest wait for a place with their time still to come", async () => {
  const { emit, ids, toasts, clock } = await setUp({ maxVisible: 2 });
  await emit(note("a"), note("b"), note("c"), note("d", { type: "warning" }));
  expect(ids()).toEqual(["d", "a"]);
  expect(toasts.get().waiting).toBe(2);
  await clock.advance(5_000);
  expect(ids()).toEqual(["b", "c"]);
  await clock.advance(4_000);
  expect(ids()).toEqual(["b", "c"]);
  await clock.advance(1_000);
  expect(toasts.get()).toEqual({ visible: [], waiting: 0 });
});

it("drops the oldest of the least urgent when too many wait", async () => {
  const { emit, toasts, ids } = await setUp({ maxVisible: 1, maxWaiting: 2 });
  await emit(...["a", "b", "c", "d"].map((id) => note(id)), note("e", { type: "error" }));
  expect(ids()).toEqual(["e"]);
  toasts.dismiss("e");
  expect(toasts.get().waiting).toBe(1);
  for (let i = 0; i < 100; i += 1) await emit(note(`n${i}`));
  expect(toasts.get().waiting).toBe(2);
});

it("stands still while it is paused, and goes on with what was left", async () => {
  const { emit, ids, toasts, clock } = await setUp();
  await emit(note("a"));
  await clock.advance(4_000);
  toasts.pause();
  await emit(note("b"));
  await clock.advance(60_000);
  expect(ids()).toEqual(["a", "b"]);
  toasts.resume();
  await clock.advance(1_100);
  expect(ids()).toEqual(["b"]);
});

it("waits for somebody to look, and runs no time out of sight", async () => {
  const { emit, ids, page, clock } = await setUp();
  page.isAway = true;
  await emit(note("a"));
  await clock.advance(60_000);
  expect(ids()).toEqual([]);
  page.look();
  await clock.advance(0);
  expect(ids()).toEqual(["a"]);
  page.isAway = true;
  await clock.advance(60_000);
  expect(ids()).toEqual(["a"]);
  page.look();
  await clock.advance(4_000);
  expect(ids()).toEqual(["a"]);
  await clock.advance(2_000);
  expect(ids()).toEqual([]);
});

it("takes away what was read or removed elsewhere, also what nobody saw yet", async () => {
  const { client, emit, ids, page, clock } = await setUp();
  await emit(
    note("a", { type: "error" }),
    note("b", { type: "error" }),
    note("c", { read_at: "2026-01-01" }),
  );
  expect(ids()).toEqual(["a", "b"]);
  page.isAway = true;
  await emit(note("d"));
  client.emit("inbox_update", { unread: 0, read: ["a", "d"], removed: ["b"] });
  page.look();
  await clock.advance(0);
  expect(ids()).toEqual([]);
});

it("announces a maintenance once, however often it is told, with its times", async () => {
  const { client, clock, toasts } = await setUp();
  const data = {
    id: "m1",
    title: "Maintenance",
    message: "Back at noon",
    kind: "maintenance" as const,
    scheduled_time: "2026-01-01T10:00:00.000Z",
    ends_at: "2026-01-01T12:00:00.000Z",
  };
  client.emit("system_notification", data, { topic: "all" });
  client.emit("system_notification", data, { topic: "all" });
  await clock.advance(0);
  expect(toasts.get().visible).toMatchObject([
    { id: "m1", type: "warning", startsAt: data.scheduled_time, endsAt: data.ends_at },
  ]);
});

it("shows the program's own, replaces one of the same id, and does as its filter says", async () => {
  const { toasts, emit, ids } = await setUp({
    filter: (toast, { data }) =>
      (data as NotificationData).kind === "badge" ? undefined : { ...toast, durationMs: null },
  });
  const run = vi.fn();
  toasts.show({ id: "save", type: "info", title: "Saving", message: "" });
  toasts.show({
    id: "save",
    type: "success",
    title: "Saved",
    message: "",
    action: { label: "Undo", run },
  });
  expect(toasts.show({ type: "info", title: "Another", message: "" })).not.toBe("save");
  await emit(note("a"), note("badge", { kind: "badge" }));
  expect(toasts.get().visible.map(({ title }) => title)).toEqual(["Saved", "Another", "Title"]);
  toasts.dismiss();
  expect(ids()).toEqual([]);
});

it("forgets another user's, and says nothing after close", async () => {
  const { client, toasts, emit, ids, clock } = await setUp();
  await emit(note("a"));
  Object.assign(client, { userId: "2" });
  client.gap({ kind: "reset", topics: ["user/2"] });
  expect(ids()).toEqual([]);
  await emit(note("b"));
  toasts.close();
  await emit(note("c"));
  expect(ids()).toEqual(["b"]);
  expect(clock.pending).toBe(0);
});

it.each([
  ["/books/7", true],
  ["https://example.org/a?b=c#d", true],
  ["HTTP://example.org", true],
  ["javascript:alert(1)", false],
  ["JavaScript:alert(1)", false],
  [" javascript:alert(1)", false],
  ["java\nscript:alert(1)", false],
  ["data:text/html,x", false],
  ["//evil.example", false],
  ["/\\evil.example", false],
  ["/\t/evil.example", false],
  ["https://a b", false],
  ["", false],
  [7, false],
])("follows only links that are safe: %j", (link, isSafe) => {
  expect(safeLink(link)).toBe(isSafe ? link : undefined);
});

it("has no action for a link that is not safe", async () => {
  const { emit, toasts } = await setUp();
  await emit(
    note("a", { action_url: "javascript:alert(1)" }),
    note("b", { action_url: "/books/7" }),
  );
  expect(toasts.get().visible.map(({ action }) => action)).toEqual([
    undefined,
    { url: "/books/7" },
  ]);
});
