import { expect, it } from "vitest";
import { attachment } from "../../src/server/content-disposition.js";

it.each([
  ["tides.epub", 'attachment; filename="tides.epub"'],
  ["été.epub", `attachment; filename="_t_.epub"; filename*=UTF-8''%C3%A9t%C3%A9.epub`],
  ['a"b\\c.epub', `attachment; filename="a_b_c.epub"; filename*=UTF-8''a%22b%5Cc.epub`],
  [
    "a\r\nset-cookie: x",
    `attachment; filename="a__set-cookie: x"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20x`,
  ],
  ["it's (1)*.md", `attachment; filename="it's (1)*.md"`],
  ["100%.md", `attachment; filename="100_.md"; filename*=UTF-8''100%25.md`],
  ["\ud800.md", `attachment; filename="_.md"; filename*=UTF-8''%EF%BF%BD.md`],
])("names %j so that every reader gets a name, and no header more", (name, header) => {
  expect(attachment(name)).toBe(header);
  expect(() => new Headers({ "content-disposition": header })).not.toThrow();
});
