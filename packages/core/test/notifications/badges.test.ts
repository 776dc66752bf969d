import { describe, expect, it } from "vitest";
import { defaultBadges, defineBadges, type BadgeRule } from "../../src/notifications/badges.js";
import { userKey } from "../../src/notifications/user-key.js";
import { guardStorage } from "./support/guard-storage.js";
import { openNotifierRoom, titles } from "./support/notifier-room.js";

const rule = (id: string, when: BadgeRule["when"] = () => true): BadgeRule => ({
  id,
  title: id,
  message: `You earned ${id}.`,
  when,
});

describe("badges", () => {
  it("are awarded when their rule is met, each told once", async () => {
    await using room = await openNotifierRoom();
    const told = room.listen("user/42");
    const complete = async (bookId: number, words: number) =>
      (await room.notifier.bookCompleted("42", { bookId, words })).map(({ id }) => id);

    expect(await complete(1, 49_999)).toEqual(["first_book"]);
    expect(await complete(2, 50_001)).toEqual(["long_book", "hundred_thousand_words"]);
    for (let book = 3; book < 10; book++) expect(await complete(book, 10)).toEqual([]);
    expect(await complete(10, 10)).toEqual(["ten_books"]);

    const badges = ["first_book", "long_book", "hundred_thousand_words", "ten_books"];
    expect(told.flatMap(({ data }) => ("badge" in data ? [data.badge] : []))).toEqual(badges);
    const { notifications } = await room.notifier.inbox.list("42");
    expect(notifications.map(({ badge }) => badge)).toEqual(badges.toReversed());
    expect(notifications.every(({ kind, type }) => kind === "badge" && type === "success")).toBe(
      true,
    );
    expect((await room.notifier.achievements("42")).badges.map(({ id }) => id)).toEqual(badges);
  });

  it("count a book once, however often its end is told", async () => {
    await using room = await openNotifierRoom();

    for (let time = 0; time < 12; time++)
      await room.notifier.bookCompleted("42", { bookId: 1, words: 60 });
    await room.notifier.bookCompleted("42", { bookId: 1, words: 70 });

    expect((await room.notifier.achievements("42")).stats).toEqual({
      booksCompleted: 1,
      words: 70,
      longestBookWords: 70,
    });
    expect(await titles(room.notifier, "42")).toEqual(["First book"]);
  });

  it("are each user's own", async () => {
    await using room = await openNotifierRoom();

    await room.notifier.bookCompleted("42", { bookId: 1, words: 60 });

    expect((await room.notifier.achievements("43")).stats.booksCompleted).toBe(0);
    expect(await titles(room.notifier, "43")).toEqual([]);
  });

  it("do not come back when their notification was removed", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.bookCompleted("42", { bookId: 1, words: 60 });
    await room.notifier.inbox.remove("42", "badge-first_book");

    await room.notifier.bookCompleted("42", { bookId: 2, words: 60 });

    expect(await titles(room.notifier, "42")).toEqual([]);
  });

  it("are told once even if the process could tell, and then not write down that it did", async () => {
    await using room = await openNotifierRoom();
    const mend = guardStorage(room.home.storage, "setItem", "profiles:", async () => {
      throw new Error("disk");
    });
    const told = room.listen("user/42");
    await expect(room.notifier.bookCompleted("42", { bookId: 1, words: 60 })).rejects.toThrow(
      "disk",
    );

    mend();
    const next = await room.again();
    const earned = await next.bookCompleted("42", { bookId: 1, words: 60 });

    expect(earned.map(({ id }) => id)).toEqual(["first_book"]);
    expect(told.filter(({ type }) => type === "notification")).toHaveLength(1);
    expect(await titles(next, "42")).toEqual(["First book"]);
  });

  it("are earned by the others when one rule throws", async () => {
    const broken = rule("broken", () => {
      throw new Error("a bug");
    });
    await using room = await openNotifierRoom({ badges: [broken, rule("whole")] });

    await room.notifier.bookCompleted("42", { bookId: 1, words: 60 });

    expect(await titles(room.notifier, "42")).toEqual(["whole"]);
    expect(room.problems).toMatchObject([{ message: "a bug" }]);
  });

  it("can be awarded by hand, once", async () => {
    await using room = await openNotifierRoom();
    const badge = { id: "early_bird", title: "Early bird", message: "You were here first." };

    const awards = await Promise.all([1, 2, 3].map(() => room.notifier.badge("42", badge)));

    expect(awards.filter(Boolean)).toHaveLength(1);
    expect(await titles(room.notifier, "42")).toEqual(["Early bird"]);
    await expect(room.notifier.badge("42", { ...badge, id: "Early Bird" })).rejects.toMatchObject({
      code: "invalid_option",
    });
  });

  it("of a damaged record begin anew without being told again", async () => {
    await using room = await openNotifierRoom();
    await room.notifier.bookCompleted("42", { bookId: 1, words: 60 });
    await room.home.storage.setItemRaw(`profiles:${userKey("42")}`, "{");

    await room.notifier.bookCompleted("42", { bookId: 2, words: 60 });

    expect(await titles(room.notifier, "42")).toEqual(["First book"]);
    expect(room.problems).toMatchObject([{ code: "record_damaged" }]);
  });
});

describe("declared badges", () => {
  it("are the default ones, or these and others", () => {
    const own = defineBadges([...defaultBadges, rule("epic")]);

    expect(own.map(({ id }) => id)).toEqual([
      "first_book",
      "ten_books",
      "fifty_books",
      "long_book",
      "hundred_thousand_words",
      "million_words",
      "epic",
    ]);
  });

  it.each<[string, BadgeRule[], RegExp]>([
    ["an id with spaces", [rule("first book")], /snake_case/],
    ["an id that is too long", [rule("x".repeat(49))], /48 characters/],
    ["an id twice", [rule("a"), rule("a")], /a twice/],
    ["no title", [{ ...rule("a"), title: "" }], /title/],
    ["a message that is too long", [{ ...rule("a"), message: "x".repeat(2001) }], /message/],
    ["no rule", [{ ...rule("a"), when: undefined as unknown as BadgeRule["when"] }], /rule/],
  ])("refuse %s", (_, rules, message) => {
    expect(() => defineBadges(rules)).toThrow(message);
  });
});

describe("the welcome", () => {
  it("comes once to each user, also after a restart, also when several ask at once", async () => {
    await using room = await openNotifierRoom();

    const first = await Promise.all([1, 2, 3].map(() => room.notifier.welcome("42")));
    const again = await (await room.again()).welcome("42");
    await room.notifier.welcome("43", {
      title: "Hello",
      message: "Nice to see you.",
      actionUrl: "/start",
    });

    expect(first.filter(Boolean)).toHaveLength(1);
    expect(again).toBe(false);
    expect(await titles(room.notifier, "42")).toEqual(["Welcome"]);
    expect((await room.notifier.inbox.list("43")).notifications).toMatchObject([
      { id: "welcome", kind: "welcome", title: "Hello", action_url: "/start" },
    ]);
  });
});
