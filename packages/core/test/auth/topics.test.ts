import { describe, expect, it } from "vitest";
import { requireScope, type Identity } from "../../src/auth/identity.js";
import { canSubscribe, createTopicPolicy } from "../../src/auth/topics.js";
import type { Topic } from "../../src/protocol/index.js";

const ada: Identity = {
  userId: "ada",
  scopes: new Set(["books"]),
  topics: ["room/1", "user/bob"],
  expiresAt: 0,
};
const topic = (text: string) => text as Topic;

describe("what a token alone allows", () => {
  it.each(["all", "user/ada", "room/1", "user/bob"])("is %s", (name) => {
    expect(canSubscribe(ada, topic(name))).toBe(true);
  });

  it.each([
    "user/ad",
    "user/ada2",
    "user/Ada",
    "user/",
    "user/ada\n",
    "book/1",
    "room/2",
    "ALL",
    "",
    "*",
    "user/*",
    "user/ada,user/eve",
  ])("is not %j", (name) => expect(canSubscribe(ada, topic(name))).toBe(false));

  it("is no topic that is malformed, even if somebody granted it", () => {
    expect(canSubscribe({ ...ada, topics: [topic("user/*")] }, topic("user/*"))).toBe(false);
  });
});

describe("a policy", () => {
  const asked: Array<readonly [string, number]> = [];
  const policy = createTopicPolicy({
    ownsBook: async (userId, bookId) => {
      asked.push([userId, bookId]);
      return bookId === 7;
    },
  });

  it("lets a book be followed by its owner alone", async () => {
    expect(await policy(ada, "book/7")).toBe(true);
    expect(await policy(ada, "book/8")).toBe(false);
    expect(asked).toEqual([
      ["ada", 7],
      ["ada", 8],
    ]);
  });

  it("answers without a promise where nothing is looked up", () => {
    expect(policy(ada, "user/ada")).toBe(true);
    expect(policy(ada, "user/eve")).toBe(false);
  });

  it.each([
    "book/07",
    "book/0",
    "book/-1",
    "book/7.0",
    "book/1e3",
    "book/7x",
    "book/99999999999999999999",
    "book/9999999999999999",
  ])("never asks whose %s is", (name) => expect(policy(ada, topic(name))).toBe(false));

  it("without books has no book topics", () => {
    expect(createTopicPolicy()(ada, "book/7")).toBe(false);
  });

  it("passes on that whose book it is can't be found out", async () => {
    const failing = createTopicPolicy({ ownsBook: () => Promise.reject(new Error("disk")) });

    await expect(failing(ada, "book/7")).rejects.toThrow("disk");
  });

  it("asks the embedder first, who may leave it to the house", async () => {
    const rooms = createTopicPolicy({
      custom: ({ scopes }, name) => (name.startsWith("room/") ? scopes.has("chat") : undefined),
    });
    expect(rooms(ada, "room/1")).toBe(false);
    expect(rooms(ada, "user/ada")).toBe(true);

    const slow = createTopicPolicy({
      custom: async (_, name) => (name === "room/9" ? true : undefined),
    });
    expect(await slow(ada, "room/9")).toBe(true);
    expect(await slow(ada, "room/8")).toBe(false);
  });
});

describe("a scope", () => {
  it("is required by name", () => {
    requireScope(ada, "books");
    for (const scope of ["admin", "book"]) {
      expect(() => requireScope(ada, scope)).toThrow(
        expect.objectContaining({ code: "scope_missing" }),
      );
    }
  });
});
