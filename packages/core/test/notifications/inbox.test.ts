import { describe, expect, it } from "vitest";
import { userKey } from "../../src/notifications/user-key.js";
import { startSource } from "../support/source-process.js";
import { testHomeName } from "../support/test-home.js";
import { DAY, openNotifierRoom, titles } from "./support/notifier-room.js";

const text = (title: string) => ({ title, message: `About ${title}` });

describe("a notification", () => {
  it("is stored, told to its user alone, and counted by the server", async () => {
    await using room = await openNotifierRoom({ uuid: () => "id-1" });
    const [mine, others] = [room.listen("user/42"), room.listen("all", "user/43")];

    await room.notifier.success("42", { ...text("Exported"), actionUrl: "/books/7" });

    const stored = {
      id: "id-1",
      title: "Exported",
      message: "About Exported",
      type: "success",
      action_url: "/books/7",
      kind: "general",
      created_at: "2026-01-01T00:00:00.000Z",
    };
    expect(mine.map(({ type, data }) => [type, data])).toEqual([
      ["notification", stored],
      ["inbox_update", { unread: 1 }],
    ]);
    expect(others).toEqual([]);
    expect(await room.notifier.inbox.list("42")).toEqual({
      notifications: [stored],
      unread: 1,
      next: undefined,
    });
    expect(await room.notifier.inbox.unread("43")).toBe(0);
  });

  it.each(["info", "success", "warning", "error"] as const)("may be an %s", async (type) => {
    await using room = await openNotifierRoom();

    await room.notifier[type]("42", text("a"));

    const { notifications } = await room.notifier.inbox.list("42");
    expect(notifications.map((each) => each.type)).toEqual([type]);
  });

  it("with an id of its own is stored and told once, however often it is sent", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("user/42");

    await Promise.all([1, 2, 3].map(() => room.notifier.info("42", { ...text("a"), id: "x" })));
    await room.notifier.inbox.remove("42", "x");
    await room.notifier.info("42", { ...text("a"), id: "x" });

    expect(told.map(({ type }) => type)).toEqual(["notification", "inbox_update", "inbox_update"]);
    expect(await titles(room.notifier, "42")).toEqual([]);
  });

  it.each([
    ["javascript:alert(1)"],
    ["JavaScript:alert(1)"],
    ["java\nscript:alert(1)"],
    ["data:text/html,x"],
    ["//evil.example"],
    ["/\\evil.example"],
    ["/\t/evil.example"],
    ["books/7"],
    [""],
  ])("never leads to %j", async (actionUrl) => {
    await using room = await openNotifierRoom();
    const sent = room.notifier.info("42", { ...text("a"), actionUrl });

    await expect(sent).rejects.toMatchObject({ code: "invalid_message" });
    expect(await titles(room.notifier, "42")).toEqual([]);
  });

  it.each([
    ["a title that is too long", { title: "x".repeat(201) }],
    ["a message that is too long", { message: "x".repeat(2001) }],
    ["an id that is too long", { id: "x".repeat(65) }],
    ["an id that is empty", { id: "" }],
    ["a title that is none", { title: 7 as unknown as string }],
  ])("with %s is refused before anything is stored", async (_, change) => {
    await using room = await openNotifierRoom();
    const sent = room.notifier.info("42", { ...text("a"), ...change });

    await expect(sent).rejects.toMatchObject({ code: "invalid_message" });
    expect(await titles(room.notifier, "42")).toEqual([]);
  });

  it("may hold any text, for a user with any id that can stand in a topic", async () => {
    await using room = await openNotifierRoom();
    const title = "<b>\u0000\u001b[31m\u202E 🦑 ../../../etc";
    const user = "auth0|..:..@..";

    await room.notifier.info(user, { ...text("a"), title, id: "../../../etc/passwd" });
    await room.notifier.inbox.read(user, "../../../etc/passwd");

    expect(await titles(room.notifier, user)).toEqual([title]);
  });

  it("is kept, and its user finds it when asking, if the bus is closed", async () => {
    await using room = await openNotifierRoom();
    await room.bus.close();

    await room.notifier.info("42", text("a"));

    expect(await titles(room.notifier, "42")).toEqual(["a"]);
    expect(room.problems).toMatchObject([{ code: "closed" }]);
  });
});

describe("an inbox", () => {
  it("tells each change with the count that is left", async () => {
    await using room = await openNotifierRoom();
    const { inbox } = room.notifier;
    for (const id of ["a", "b", "c"]) await room.notifier.info("42", { ...text(id), id });
    const told = room.listen("user/42");

    expect(await inbox.read("42", "b")).toBe(2);
    expect(await inbox.read("42", "b")).toBe(2);
    expect(await inbox.remove("42", "a")).toBe(1);
    expect(await inbox.readAll("42")).toBe(0);
    expect(await inbox.readAll("42")).toBe(0);

    expect(told.map(({ data }) => data)).toEqual([
      { unread: 2, read: ["b"] },
      { unread: 1, removed: ["a"] },
      { unread: 0, read: ["c"] },
    ]);
    const { notifications } = await inbox.list("42");
    expect(notifications.map(({ id, read_at }) => [id, read_at])).toEqual([
      ["c", "2026-01-01T00:00:00.000Z"],
      ["b", "2026-01-01T00:00:00.000Z"],
    ]);
  });

  it("is listed newest first, page by page, unread alone if asked", async () => {
    await using room = await openNotifierRoom();
    const { inbox } = room.notifier;
    for (let n = 1; n <= 5; n++) await room.notifier.info("42", { ...text(`${n}`), id: `${n}` });
    await inbox.read("42", "4");

    const first = await inbox.list("42", { limit: 2, unread: true });
    const second = await inbox.list("42", { limit: 2, unread: true, cursor: first.next });

    expect(first.notifications.map(({ id }) => id)).toEqual(["5", "3"]);
    expect(second.notifications.map(({ id }) => id)).toEqual(["2", "1"]);
    expect([first.unread, second.unread]).toEqual([4, 4]);
    expect(second.next).toBeUndefined();
  });

  it("has nobody else's notifications, whatever their ids are", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.info("42", { ...text("a"), id: "a" });

    await expect(room.notifier.inbox.read("43", "a")).rejects.toMatchObject({ code: "not_found" });
    await expect(room.notifier.inbox.remove("43", "a")).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await room.notifier.inbox.unread("42")).toBe(1);
  });

  it.each(["", "nope", "../a", "a\n", "__proto__", "x".repeat(10_000)])(
    "has no notification with the id %j, and does not repeat it",
    async (id) => {
      await using room = await openNotifierRoom();

      for (const call of [
        room.notifier.inbox.read("42", id),
        room.notifier.inbox.remove("42", id),
      ]) {
        await expect(call).rejects.toMatchObject({
          code: "not_found",
          message: "There is no such notification.",
        });
      }
    },
  );

  it.each(["", "n", "7", "n-1", "n1.5", "nZ", "nzzzzzzzzzzzzzz", "n1\n", "../n1", 7, null, {}])(
    "refuses the cursor %j",
    async (cursor) => {
      await using room = await openNotifierRoom();
      const listed = room.notifier.inbox.list("42", { cursor: cursor as string });

      await expect(listed).rejects.toMatchObject({ code: "invalid_cursor" });
    },
  );

  it("takes the cursor of another's page, which names a place and no permission", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.info("42", { ...text("a"), id: "a" });

    const page = await room.notifier.inbox.list("42", { cursor: "nzz" });

    expect(page.notifications.map(({ id }) => id)).toEqual(["a"]);
  });

  it.each([0, -1, 101, 1.5, Number.NaN, Infinity, "5" as unknown as number])(
    "refuses pages of %j",
    async (limit) => {
      await using room = await openNotifierRoom();
      const listed = room.notifier.inbox.list("42", { limit });

      await expect(listed).rejects.toMatchObject({ code: "invalid_request" });
    },
  );

  it.each(["", "a/b", "a b", "a\n", "x".repeat(129), 42 as unknown as string])(
    "is nobody's with the user id %j",
    async (user) => {
      await using room = await openNotifierRoom();
      const { inbox, ...notify } = room.notifier;
      const calls = [
        () => notify.info(user, text("a")),
        () => notify.welcome(user),
        () => notify.greet(user),
        () => notify.achievements(user),
        () => inbox.list(user),
        () => inbox.unread(user),
        () => inbox.readAll(user),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: "invalid_request" });
      }
    },
  );
});

describe("what an inbox keeps", () => {
  it("is bounded, and what makes room is told", async () => {
    await using room = await openNotifierRoom({ maxPerUser: 3 });
    for (const id of ["a", "b", "c"]) await room.notifier.info("42", { ...text(id), id });
    await room.notifier.inbox.read("42", "b");
    const told = room.listen("user/42");

    await room.notifier.info("42", { ...text("d"), id: "d" });
    await room.notifier.info("42", { ...text("e"), id: "e" });

    expect(await titles(room.notifier, "42")).toEqual(["e", "d", "c"]);
    expect(told.flatMap(({ type, data }) => (type === "inbox_update" ? [data] : []))).toEqual([
      { unread: 3, removed: ["b"] },
      { unread: 3, removed: ["a"] },
    ]);
  });

  it("ends after 90 days, also where nothing else happens", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.info("42", text("a"));

    room.pass(90 * DAY);
    expect(await room.notifier.inbox.unread("42")).toBe(1);
    room.pass(1);
    expect(await room.notifier.inbox.unread("42")).toBe(0);
    expect(await titles(room.notifier, "42")).toEqual([]);
  });

  it.each([
    [{ maxPerUser: 0 }, /maxPerUser/],
    [{ maxPerUser: 1001 }, /maxPerUser/],
    [{ maxAgeMs: 90 }, /maxAgeMs.*did you mean days/],
    [{ maxAgeMs: Number.NaN }, /maxAgeMs/],
  ])("has bounds: %j", async (options, message) => {
    await expect(openNotifierRoom(options)).rejects.toThrow(message);
  });
});

describe("an inbox that was damaged on disk", () => {
  it("begins anew, and says where the damaged one lies", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.info("42", text("a"));
    const key = `inboxes:${userKey("42")}`;
    await room.home.storage.setItemRaw(key, '{"v":1,"data":{"next":');
    const fresh = await room.again();

    await fresh.info("42", text("b"));

    expect(await titles(fresh, "42")).toEqual(["b"]);
    expect(room.problems).toMatchObject([
      { code: "record_damaged", hint: expect.stringContaining("quarantine") as string },
    ]);
  });

  it("is left alone when a newer version wrote it", async () => {
    await using room = await openNotifierRoom();
    const key = `inboxes:${userKey("42")}`;
    await room.home.storage.setItemRaw(key, '{"v":99,"data":{}}');

    await expect(room.notifier.info("42", text("a"))).rejects.toMatchObject({
      code: "record_newer",
    });
    expect(String(await room.home.storage.getItemRaw(key))).toBe('{"v":99,"data":{}}');
  });
});

describe("changes at the same time", () => {
  it("in one process are all there, and the last count told is the right one", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("user/42");

    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        await room.notifier.info("42", { ...text(`${n}`), id: `${n}` });
        if (n % 3 === 0) await room.notifier.inbox.read("42", `${n}`);
        if (n % 5 === 0) await room.notifier.inbox.remove("42", `${n}`);
      }),
    );

    const left = Array.from({ length: 30 }, (_, n) => n).filter((n) => n % 5 !== 0);
    expect((await titles(room.notifier, "42")).toSorted()).toEqual(left.map(String).toSorted());
    const unread = left.filter((n) => n % 3 !== 0).length;
    expect(told.at(-1)).toMatchObject({ type: "inbox_update", data: { unread } });
    expect(told.filter(({ type }) => type === "notification")).toHaveLength(30);
  });

  it("in several processes are all there, and what is to happen once happens once", async () => {
    await using room = await openNotifierRoom();
    const processes = ["a", "b", "c"].map((name) =>
      startSource("processes/notify.ts", import.meta.url, [testHomeName(room.directory), name]),
    );
    const lines = await Promise.all(processes.map((each) => each.line()));
    await Promise.all(processes.map((each) => each[Symbol.asyncDispose]()));

    const outcomes = lines.map((line) => JSON.parse(line ?? "{}") as Outcome);
    const all = await titles(room.notifier, "42");
    const own = all.filter((title) => /^[abc]\d+$/.test(title));
    expect(own).toHaveLength(3 * 15);
    expect(new Set(own).size).toBe(own.length);
    expect(outcomes.filter(({ welcomed }) => welcomed)).toHaveLength(1);
    expect(outcomes.flatMap(({ badges }) => badges).toSorted()).toEqual([
      "first_book",
      "ten_books",
    ]);
    const once = all.filter((title) => !own.includes(title));
    expect(once.toSorted()).toEqual(["First book", "Ten books", "Welcome"]);
    expect((await room.notifier.achievements("42")).stats.booksCompleted).toBe(10);
  });
});

interface Outcome {
  readonly welcomed: boolean;
  readonly badges: readonly string[];
}
