import { describe, expect, it } from "vitest";
import type { NewAnnouncement } from "../../src/notifications/announcement.js";
import { DAY, openNotifierRoom, START } from "./support/notifier-room.js";

const HOUR = 3_600_000;
const at = (ms: number) => new Date(START + ms);
const maintenance = {
  title: "Maintenance",
  message: "Back in an hour.",
  scheduledTime: at(2 * HOUR),
  endsAt: at(3 * HOUR),
};

describe("a maintenance", () => {
  it("is told to everybody at once", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("all");

    const id = await room.notifier.maintenance(maintenance);

    expect(told.map(({ type, data }) => [type, data])).toEqual([
      [
        "system_notification",
        {
          id,
          title: "Maintenance",
          message: "Back in an hour.",
          kind: "maintenance",
          scheduled_time: "2026-01-01T02:00:00.000Z",
          ends_at: "2026-01-01T03:00:00.000Z",
        },
      ],
    ]);
  });

  it("is told to those who connect before it is over, each once and only to them", async () => {
    await using room = await openNotifierRoom();
    const id = await room.notifier.maintenance(maintenance);
    const [mine, all] = [room.listen("user/42"), room.listen("all", "user/43")];

    expect(await Promise.all([room.notifier.greet("42"), room.notifier.greet("42")])).toEqual([
      1, 0,
    ]);
    room.pass(2.5 * HOUR);
    expect(await room.notifier.greet("42")).toBe(0);
    expect(await room.notifier.greet("44")).toBe(1);
    room.pass(HOUR);
    expect(await room.notifier.greet("45")).toBe(0);

    expect(mine.map(({ type, data }) => [type, "id" in data && data.id])).toEqual([
      ["system_notification", id],
    ]);
    expect(all).toEqual([]);
  });

  it("outlives the process that announced it", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.maintenance(maintenance);
    const next = await room.again();

    expect(await next.announcements()).toMatchObject([
      { title: "Maintenance", kind: "maintenance" },
    ]);
    expect(await next.greet("42")).toBe(1);
  });

  it("that another process announced is known within seconds", async () => {
    await using room = await openNotifierRoom();
    const other = await room.again();
    expect(await other.announcements()).toEqual([]);

    await room.notifier.maintenance(maintenance);
    room.pass(2_000);

    expect(await other.greet("42")).toBe(1);
  });

  it("can be withdrawn", async () => {
    await using room = await openNotifierRoom();
    const id = await room.notifier.maintenance(maintenance);

    expect(await room.notifier.withdraw(id)).toBe(true);
    expect(await room.notifier.withdraw(id)).toBe(false);
    expect(await room.notifier.announcements()).toEqual([]);
    expect(await room.notifier.greet("42")).toBe(0);
  });

  it.each([
    "",
    "announcement-",
    "announcement-0",
    "announcement-01",
    "../a",
    "announcement-1\n",
    "x".repeat(9_999),
  ])("with the id %j is none", async (id) => {
    await using room = await openNotifierRoom();
    await room.notifier.maintenance(maintenance);

    expect(await room.notifier.withdraw(id)).toBe(false);
    expect(await room.notifier.announcements()).toHaveLength(1);
  });

  it("comes in the order in which it was announced, and only what is new comes again", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("user/42");
    for (let n = 1; n <= 11; n++)
      await room.notifier.maintenance({ ...maintenance, title: `${n}` });
    expect(await room.notifier.greet("42")).toBe(11);

    await room.notifier.maintenance({ ...maintenance, title: "12" });

    expect(await room.notifier.greet("42")).toBe(1);
    const expected = Array.from({ length: 12 }, (_, n) => `${n + 1}`);
    expect(told.map(({ data }) => "title" in data && data.title)).toEqual(expected);
  });

  it("is swept from the disk when it is over", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.maintenance(maintenance);
    room.pass(DAY);

    await room.notifier.announcements();

    expect(await room.home.storage.getKeys("announcements")).toEqual([]);
  });

  it("is refused when there are a hundred", async () => {
    await using room = await openNotifierRoom();
    for (let n = 0; n < 100; n++) {
      const key = `announcements:${n + 1000}`;
      const data = { title: "a", message: "b" };
      await room.home.storage.setItem(
        key,
        JSON.stringify({ v: 1, data: { data, untilMs: START + DAY } }),
      );
    }

    await expect(room.notifier.maintenance(maintenance)).rejects.toMatchObject({
      code: "too_large",
    });
  });
});

describe("a notice", () => {
  it("without a time is told once and not kept", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("all");

    await room.notifier.system({ title: "Hello", message: "All of you." });

    expect(told).toMatchObject([{ data: { title: "Hello", kind: "notice" } }]);
    expect(await room.notifier.announcements()).toEqual([]);
    expect(await room.notifier.greet("42")).toBe(0);
  });

  it("with an end is kept until then", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.system({
      title: "Sale",
      message: "Today.",
      endsAt: at(HOUR).toISOString(),
    });

    expect(await room.notifier.greet("42")).toBe(1);
    room.pass(HOUR);
    expect(await room.notifier.greet("43")).toBe(0);
  });

  it.each<[string, Partial<NewAnnouncement>]>([
    ["a time that is none", { scheduledTime: "soon" }],
    ["a time that has passed", { scheduledTime: at(-1) }],
    ["an end that has passed", { endsAt: at(0) }],
    ["an end before the beginning", { scheduledTime: at(HOUR), endsAt: at(HOUR) }],
    ["a title that is too long", { title: "x".repeat(201) }],
    ["a date that is none", { endsAt: new Date(Number.NaN) }],
  ])("is refused with %s, and nobody hears of it", async (_, change) => {
    await using room = await openNotifierRoom();
    const told = room.listen("all");
    const sent = room.notifier.system({ title: "a", message: "b", ...change });

    await expect(sent).rejects.toMatchObject({ code: "invalid_message" });
    expect(told).toEqual([]);
    expect(await room.notifier.announcements()).toEqual([]);
  });
});
