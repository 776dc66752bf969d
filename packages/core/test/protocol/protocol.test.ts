import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bookMessages,
  defineMessage,
  defineMessages,
  durable,
  encodeCursor,
  encodeSse,
  encodeSseComment,
  InkwireError,
  isControlType,
  isInkwireError,
  isRefusalCode,
  isTopic,
  joinChapterText,
  makeTopic,
  MAX_CHAPTER_TEXT,
  mayReconnect,
  parseCursor,
  refusals,
  toWireError,
  type StandardSchema,
} from "../../src/protocol/index.js";

/** The event stream as the HTML standard says to read it, for one whole text. */
function parseSse(
  text: string,
): Array<{ id?: string; event?: string; data?: string; retry?: string }> {
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const fields: Record<string, string> = {};
      for (const line of block.split(/\r\n|\r|\n/)) {
        const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name === "data" && fields["data"] !== undefined) fields["data"] += `\n${value}`;
        else fields[name] = value;
      }
      return fields;
    });
}

describe("the SSE encoder", () => {
  it("writes what a parser of the standard reads back", () => {
    fc.assert(
      fc.property(
        fc.string().filter((id) => !/[\r\n\0]/.test(id)),
        fc.string({ unit: "binary" }),
        (id, data) => {
          const [event] = parseSse(encodeSse({ id, event: "book", data }));
          expect(event).toMatchObject({ event: "book", data: data.replaceAll(/\r\n|\r/g, "\n") });
          expect(event?.id?.trim()).toBe(id.trim());
        },
      ),
    );
  });

  it("ends lines with LF alone and the event with an empty line", () => {
    expect(encodeSse({ retry: 2000, id: "e.1", event: "x", data: "{}" })).toBe(
      "retry: 2000\nid: e.1\nevent: x\ndata: {}\n\n",
    );
    expect(encodeSseComment("hello")).toBe(": hello\n\n");
  });

  it.each([
    { id: "1\nevent: forged" },
    { id: "1\r" },
    { id: "\0" },
    { event: "x\ndata: forged" },
    { retry: -1 },
    { retry: 1.5 },
    { retry: Number.NaN },
  ])("refuses %j, which would forge fields", (event) => {
    expect(() => encodeSse(event)).toThrow(TypeError);
  });
});

describe("a cursor", () => {
  it("is read back as it was written", () => {
    expect(parseCursor(encodeCursor("m3k9xq", 1042))).toEqual({ epoch: "m3k9xq", seq: 1042 });
    expect(parseCursor("e.0")).toEqual({ epoch: "e", seq: 0 });
  });

  it.each([
    "",
    "e",
    "e.",
    ".1",
    "e.-1",
    "e.01",
    "e.1.1",
    "e.1 ",
    "é.1",
    "e.9007199254740993",
    `${"e".repeat(41)}.1`,
    "e.1\n",
    null,
    7,
    {},
  ])("is nothing when it is %j", (value) => expect(parseCursor(value)).toBeUndefined());
});

describe("a topic", () => {
  it.each(["all", "user/42", "book/7", "user/auth0|5f", "user/a@b.example"])("may be %s", (topic) =>
    expect(isTopic(topic)).toBe(true),
  );

  it.each([
    "",
    "All",
    "user",
    "user/",
    "/42",
    "user/4 2",
    "user/a,b",
    "user/a/b",
    "user/42\n",
    "user/é",
    `user/${"x".repeat(129)}`,
    "7/7",
    null,
    7,
  ])("may not be %j", (topic) => expect(isTopic(topic)).toBe(false));

  it("can't be made of an id that would break out of it", () => {
    expect(makeTopic("user", "42")).toBe("user/42");
    expect(() => makeTopic("user", "42,all")).toThrow(TypeError);
  });
});

describe("the refusal table", () => {
  it("agrees with itself: what may be tried again has a close code below 4500, what is final one above", () => {
    for (const [code, refusal] of Object.entries(refusals)) {
      expect(isRefusalCode(code)).toBe(true);
      if ("close" in refusal)
        expect({ code, again: mayReconnect(refusal.close) }).toEqual({
          code,
          again: refusal.retryable,
        });
      if ("status" in refusal) expect(refusal.status).toBeGreaterThanOrEqual(400);
    }
    expect(isRefusalCode("toString")).toBe(false);
    expect(mayReconnect(1006)).toBe(true);
  });
});

describe("an error", () => {
  it("tells the wire its code and its message, and nothing else", () => {
    const error = new InkwireError("provider_busy", "Busy", {
      retryable: true,
      cause: new Error("secret"),
      hint: "wait",
    });
    expect(toWireError(error)).toEqual({ code: "provider_busy", message: "Busy", retryable: true });
    expect(JSON.stringify(toWireError(new Error("secret /path")))).not.toContain("secret");
    expect(isInkwireError(error, "provider_busy")).toBe(true);
    expect(isInkwireError(error, "conflict")).toBe(false);
    expect(isInkwireError({ code: "conflict" })).toBe(false);
  });
});

describe("the catalog", () => {
  const check = (type: keyof typeof bookMessages, data: unknown) =>
    bookMessages[type].schema["~standard"].validate(data) as {
      value?: unknown;
      issues?: readonly { message: string }[];
    };
  const update = {
    book_id: 7,
    task_id: "t",
    status: "processing",
    progress: 40,
    message: "Writing",
  };

  it("takes the fields of the original system, and drops those it does not know", () => {
    expect(
      check("book_generation_update", { ...update, current_step: "outline", stranger: 1 }).value,
    ).toEqual({
      ...update,
      current_step: "outline",
    });
    expect(
      check("notification", {
        id: "n",
        title: "T",
        message: "",
        type: "success",
        action_url: "/books/7",
      }).issues,
    ).toBeUndefined();
    expect(
      check("system_notification", {
        title: "T",
        message: "",
        scheduled_time: "2026-11-22T21:10:04Z",
      }).issues,
    ).toBeUndefined();
    expect(check("inbox_update", { unread: 3, read: ["a"] }).issues).toBeUndefined();
  });

  it.each([
    ["book_generation_update", { ...update, progress: 100.1 }],
    ["book_generation_update", { ...update, progress: "40" }],
    ["book_generation_update", { ...update, book_id: 0 }],
    ["book_generation_update", { ...update, status: "done" }],
    ["book_generation_update", { ...update, retry_at: "tomorrow" }],
    ["book_generation_update", { ...update, message: undefined }],
    ["notification", { id: "", title: "T", message: "", type: "info" }],
    ["system_notification", { title: "T" }],
    ["chapter_text", { book_id: 7, chapter: 1, offset: -1, text: "", done: false }],
    [
      "chapter_text",
      { book_id: 7, chapter: 1, offset: 0, text: "x".repeat(MAX_CHAPTER_TEXT + 1), done: false },
    ],
    ["book_deleted", {}],
    ["book_deleted", { book_id: 0 }],
    ["inbox_update", { unread: 1.5 }],
    ["inbox_update", null],
    ["inbox_update", []],
  ] as const)("refuses a %s that does not fit", (type, data) => {
    expect(check(type, data).issues?.length).toBeGreaterThan(0);
  });

  it("joins two changes of an inbox into the newer count and the ids of both", () => {
    const { delivery } = bookMessages.inbox_update;
    const ids = (prefix: string) => Array.from({ length: 600 }, (_, index) => `${prefix}${index}`);
    if (delivery.class !== "append") throw new Error(`expected append, got ${delivery.class}`);
    expect(
      delivery.merge({ unread: 3, read: ["a", "b"] }, { unread: 1, read: ["b"], removed: ["c"] }),
    ).toEqual({ unread: 1, read: ["a", "b"], removed: ["c"] });
    expect(delivery.merge({ unread: 3 }, { unread: 4 })).toEqual({ unread: 4 });
    expect(
      delivery.merge({ unread: 0, read: ids("a") }, { unread: 0, read: ids("b") }),
    ).toBeUndefined();
  });

  it("joins text only where it goes on, and never past its bound", () => {
    const piece = { book_id: 7, chapter: 1, offset: 0, text: "abc", done: false };
    expect(joinChapterText(piece, { ...piece, offset: 3, text: "d", done: true })).toEqual({
      ...piece,
      text: "abcd",
      done: true,
    });
    expect(joinChapterText({ ...piece, done: true }, { ...piece, offset: 3 })).toBeUndefined();
    expect(
      joinChapterText(piece, { ...piece, offset: 3, text: "x".repeat(MAX_CHAPTER_TEXT) }),
    ).toBeUndefined();
  });
});

it("refuses a message type that is the protocol's, or no snake_case", () => {
  const any: StandardSchema = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
  };
  for (const name of ["wire.hello", "wire.mine", "Order", "", "order shipped", "7up"]) {
    expect(() => defineMessages({ [name]: defineMessage(any, durable()) }), name).toThrow(
      TypeError,
    );
  }
  expect(isControlType("wire.hello")).toBe(true);
  expect(isControlType("wire.mine")).toBe(false);
});
