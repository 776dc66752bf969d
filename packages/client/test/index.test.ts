import { expect, expectTypeOf, it } from "vitest";
import {
  joinChapterText,
  type BookMessage,
  type MessageOf,
  type BookMessages,
} from "../src/index.js";

it("narrows a message by its type", () => {
  const message = JSON.parse(
    '{"id":"e.1","type":"chapter_text","topic":"book/7","time":"2026-11-22T21:10:04.123Z","data":{"book_id":7,"chapter":1,"offset":0,"text":"The tide","done":false}}',
  ) as BookMessage;
  if (message.type !== "chapter_text") throw new Error("expected chapter_text");
  expectTypeOf(message).toEqualTypeOf<MessageOf<BookMessages, "chapter_text">>();
  expect(message.data.text).toBe("The tide");
});

it("joins pieces of a chapter that follow each other, and no others", () => {
  const first = { book_id: 7, chapter: 1, offset: 0, text: "The tide", done: false };
  expect(joinChapterText(first, { ...first, offset: 8, text: " turns." })?.text).toBe(
    "The tide turns.",
  );
  expect(joinChapterText(first, { ...first, offset: 9, text: " turns." })).toBeUndefined();
  expect(joinChapterText(first, { ...first, offset: 0, text: "Again" })).toBeUndefined();
});
