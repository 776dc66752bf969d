import { describe, expect, it } from "vitest";
import { readLinkTarget } from "../../../src/books/markdown/links.js";

describe("readLinkTarget", () => {
  it.each([
    ["https://example.org/a?b=[c]|d", "https://example.org/a?b=%5Bc%5D%7Cd"],
    ["http://example.org/%zz", "http://example.org/%25zz"],
    ["http://[::1]:8080/x", "http://[::1]:8080/x"],
    ["mailto:a@example.org", "mailto:a@example.org"],
  ])("lets %s lead into the web", (href, out) => {
    expect(readLinkTarget(href)).toEqual({ kind: "web", href: out });
  });

  it.each([
    ["chapter:3", 3, undefined],
    ["chapter:3#the-sea", 3, "the-sea"],
    ["#%C3%A9t%C3%A9", undefined, "été"],
    ["#50%", undefined, "50%"],
  ])("lets %s lead into the book", (href, chapter, anchor) => {
    expect(readLinkTarget(href)).toEqual({ kind: "book", chapter, anchor });
  });

  it.each([
    "",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "blob:https://a/b",
    "ftp://a/b",
    "../other.md",
    "//evil.test/x",
    "chapter:x",
    "chapter:-1",
    "http://",
    "https://exa mple.org/",
  ])("refuses %j", (href) => {
    expect(readLinkTarget(href)).toBeUndefined();
  });
});
