import { describe, expect, it } from "vitest";
import { createAuthors } from "../../src/books/authors.js";
import { createAuthorCheck } from "../../src/server/allowed-authors.js";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { openServerRoom } from "./support/server-room.js";

const book = { title: "Tides", chapters: 1, words: 300 };
const files = [
  "gguf:/etc/passwd",
  "gguf:/proc/self/environ",
  "gguf:../secret",
  "gguf:file:///etc/passwd",
  "offline,gguf:/etc/passwd",
  "openai,gguf:/etc/passwd",
];

describe("without a list", () => {
  it("lets a user of a server that opens model files name none, whatever stands before it", async () => {
    const opened: string[] = [];
    // As `inkwire serve`: its own books may use files, and a request may not.
    const authors = createAuthors({ env: {}, localFiles: true, probe: async () => [] });
    await using room = await openServerRoom({
      books: {
        authors: {
          async resolve(request, source) {
            opened.push(request.author);
            return authors.resolve(request, source);
          },
        },
      },
    });
    for (const author of files) {
      const { status, json, text } = await room.ask("POST /api/books", {
        as: "ada",
        body: { ...book, author },
      });
      expect({ author, status }).toEqual({ author, status: 400 });
      expect(json.detail).toMatch(/^author: /);
      // Not even whether there is such a file is told.
      expect(text).not.toMatch(/passwd|environ|secret|ENOENT|GGUF/);
    }
    expect(opened).toEqual([]);
    expect((await room.ask("GET /api/books", { as: "ada" })).json.books).toEqual([]);
  });

  it("lets users choose a name, and no model that would cost the operator more", async () => {
    await using room = await openServerRoom();
    const create = (author: string) =>
      room.ask("POST /api/books", { as: "ada", body: { ...book, author } });
    for (const author of ["auto", "offline", "openai", "anthropic,openai"]) {
      expect((await create(author)).status, author).toBe(202);
    }
    for (const author of ["openai:gpt-5-pro", "anthropic,openai:o3", "local:huge"]) {
      expect((await create(author)).json, author).toMatchObject({ status: 400 });
    }
  });

  it("takes no address and no command for an author", async () => {
    await using room = await openServerRoom();
    for (const author of [
      "http://169.254.169.254/latest",
      "openai@http://evil.example",
      "openai;id",
      "$(id)",
      "`id`",
      "../../bin/sh",
      "offline\nopenai",
    ]) {
      const { status } = await room.ask("POST /api/books", {
        as: "ada",
        body: { ...book, author },
      });
      expect({ author, status }).toEqual({ author, status: 400 });
    }
    // Addresses of providers are the operator's: there is no field for one.
    for (const field of ["base_url", "baseUrl", "api_key", "source", "from", "out"]) {
      const body = { ...book, [field]: "http://evil.example" };
      expect((await room.ask("POST /api/books", { as: "ada", body })).status, field).toBe(400);
    }
  });

  it("goes on with a book of the program's own, whose author no user could choose", async () => {
    const author = { ...createScriptedAuthor(), id: "gguf:/models/a.gguf" };
    await using room = await openServerRoom({ author: () => author });
    const { bookId } = await room.inkwire.books.create("ada", {
      ...book,
      author: "gguf:/models/a.gguf",
    });
    await room.inkwire.books.wait("ada", bookId);
    expect((await room.ask(`GET /api/books/${bookId}`, { as: "ada" })).json).toMatchObject({
      status: "completed",
    });
  });
});

describe("with a list", () => {
  it.each([
    [["offline"], ["offline"], ["auto", "openai", "openai:a"]],
    [["openai:a"], ["openai:a"], ["openai", "openai:ab", "openai:b", "offline"]],
    [["local:*"], ["local:a", "local:org/a@1", "local:a,local:b"], ["local", "local:a,offline"]],
    [["gguf:/models/a.gguf"], ["gguf:/models/a.gguf"], ["gguf:/models/b.gguf", "gguf:/models/a"]],
    [[], [], ["auto", "offline"]],
  ])("%j allows %j and refuses %j", (list, allowed, refused) => {
    const check = createAuthorCheck(list);
    for (const author of allowed) expect(() => check(author)).not.toThrow();
    for (const author of refused) {
      expect(() => check(author), author).toThrow(
        expect.objectContaining({ code: "invalid_request" }),
      );
    }
  });

  it.each(["gguf:*", "", "*", "open ai", "a,b", "Openai"])("refuses the entry %j", (entry) => {
    expect(() => createAuthorCheck([entry])).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});
