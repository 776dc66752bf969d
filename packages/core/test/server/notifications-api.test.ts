import { expect, it } from "vitest";
import { openServerRoom } from "./support/server-room.js";

it("lists the inbox page by page, marks as read, and deletes; the counts are the server's", async () => {
  await using room = await openServerRoom();
  const { ask, inkwire } = room;
  for (let number = 1; number <= 5; number += 1) {
    await inkwire.notify.info("ada", {
      id: `n${number}`,
      title: `No. ${number}`,
      message: "…",
      actionUrl: "/books/1",
    });
  }
  const first = (await ask("GET /api/notifications?limit=2", { as: "ada" })).json;
  expect(first).toMatchObject({
    unread: 5,
    notifications: [{ id: "n5", type: "info", action_url: "/books/1" }, { id: "n4" }],
  });
  const second = (await ask(`GET /api/notifications?limit=4&cursor=${first.next}`, { as: "ada" }))
    .json;
  expect(second.notifications.map(({ id }: { id: string }) => id)).toEqual(["n3", "n2", "n1"]);
  expect(second).not.toHaveProperty("next");

  expect((await ask("POST /api/notifications/n5/read", { as: "ada" })).json).toEqual({ unread: 4 });
  expect((await ask("POST /api/notifications/n5/read", { as: "ada" })).json).toEqual({ unread: 4 });
  const unread = (await ask("GET /api/notifications?unread", { as: "ada" })).json;
  expect(unread.notifications.map(({ id }: { id: string }) => id)).toEqual([
    "n4",
    "n3",
    "n2",
    "n1",
  ]);
  expect(
    (await ask("GET /api/notifications?unread=false", { as: "ada" })).json.notifications,
  ).toHaveLength(5);

  expect((await ask("DELETE /api/notifications/n4", { as: "ada" })).json).toEqual({ unread: 3 });
  expect((await ask("DELETE /api/notifications/n4", { as: "ada" })).status).toBe(404);
  expect((await ask("POST /api/notifications/read-all", { as: "ada" })).json).toEqual({
    unread: 0,
  });
});

it.each([
  ["GET /api/notifications?unread=maybe", 400, "bad_request"],
  ["GET /api/notifications?limit=0", 400, "bad_request"],
  ["GET /api/notifications?cursor=b1", 400, "invalid_cursor"],
  [`POST /api/notifications/${"x".repeat(65)}/read`, 404, "not_found"],
  ["POST /api/notifications/%0d%0a/read", 404, "not_found"],
])("answers %s with %i %s", async (call, status, code) => {
  await using room = await openServerRoom();
  expect(await room.ask(call, { as: "ada" })).toMatchObject({ status, json: { status, code } });
});

it("tells everybody what an admin announces, also those who ask later, until it is withdrawn", async () => {
  await using room = await openServerRoom();
  const { ask, inkwire } = room;
  const seen: unknown[] = [];
  const subscription = inkwire.bus.subscribe(["all"]);
  void (async () => {
    for await (const { type, data } of subscription) seen.push({ type, data });
  })();
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const made = await ask("POST /api/announcements", {
    as: "admin:root",
    body: { kind: "maintenance", title: "New disks", message: "Ten minutes.", scheduled_time: at },
  });
  expect(made).toMatchObject({ status: 201, json: { id: "announcement-1" } });
  const announcement = {
    id: "announcement-1",
    kind: "maintenance",
    title: "New disks",
    scheduled_time: at,
  };
  expect((await ask("GET /api/announcements", { as: "ada" })).json).toMatchObject({
    announcements: [announcement],
  });
  await expect
    .poll(() => seen)
    .toMatchObject([{ type: "system_notification", data: announcement }]);
  expect((await ask("DELETE /api/announcements/announcement-1", { as: "admin:root" })).status).toBe(
    204,
  );
  expect((await ask("DELETE /api/announcements/announcement-1", { as: "admin:root" })).status).toBe(
    404,
  );
  expect((await ask("GET /api/announcements", { as: "ada" })).json).toEqual({ announcements: [] });

  for (const body of [
    { kind: "maintenance", title: "When?", message: "…" },
    { title: "", message: "…" },
    { title: "Late", message: "…", scheduled_time: "2001-01-01T00:00:00Z" },
    { title: "Never", message: "…", scheduled_time: "soon" },
  ]) {
    expect((await ask("POST /api/announcements", { as: "admin:root", body })).status).toBe(400);
  }
});

it("sends an admin's test message of any type to any user, and a broken one to nobody", async () => {
  await using room = await openServerRoom();
  const { ask, inkwire } = room;
  const seen: unknown[] = [];
  const subscription = inkwire.bus.subscribe(["user/ada"]);
  void (async () => {
    for await (const { type, data } of subscription) seen.push({ type, data });
  })();
  const send = (body: unknown) => ask("POST /api/test/notification", { as: "admin:root", body });

  expect(await send({ user_id: "ada" })).toMatchObject({
    status: 202,
    json: { type: "notification" },
  });
  const update = {
    book_id: 7,
    task_id: "t",
    status: "processing",
    progress: 40,
    message: "Chapter 2",
  };
  expect(
    (await send({ user_id: "ada", type: "book_generation_update", data: update })).status,
  ).toBe(202);
  await expect
    .poll(() => seen)
    .toMatchObject([
      { type: "notification", data: { title: "A test", type: "info" } },
      { type: "inbox_update", data: { unread: 1 } },
      { type: "book_generation_update", data: update },
    ]);

  for (const body of [
    {},
    { user_id: "no such/user" },
    { user_id: "ada", type: "wire.goodbye", data: {} },
    { user_id: "ada", type: "unheard_of", data: {} },
    { user_id: "ada", type: "__proto__", data: {} },
    { user_id: "ada", type: "book_generation_update", data: { progress: 400 } },
    { user_id: "ada", data: { action_url: "javascript:alert(1)" } },
    { user_id: "ada", data: { title: 7 } },
  ]) {
    expect((await send(body)).status, JSON.stringify(body)).toBe(400);
  }
  expect(seen).toHaveLength(3);
});
