import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, jsonLines, resultOf } from "../support/cli.js";

beforeAll(ensureBuilt, 120_000);

const offline = ["--author", "offline", "--chapters", "2"] as const;

describe.concurrent("inkwire create", () => {
  it("writes a book: its path on stdout, everything else on stderr", async () => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run(["create", "The Tides of Brittany", ...offline]);
    expect(stderr).toContain("Saved ");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "books/the-tides-of-brittany/the-tides-of-brittany.epub\n",
    });
    expect(stderr.split("\n")[0]).toBe('Writing "The Tides of Brittany" …');
    expect(stderr).toContain("Outline: 2 chapters");
    const folder = join(box.cwd, "books/the-tides-of-brittany");
    expect(readdirSync(folder).sort()).toEqual(
      ["epub", "json", "md"].map((extension) => `the-tides-of-brittany.${extension}`),
    );
    expect(readFileSync(join(folder, "the-tides-of-brittany.epub")).subarray(0, 2).toString()).toBe(
      "PK",
    );
  });

  it("with --json prints messages of the wire and the result last, on stdout alone", async () => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run(["create", "Ports", ...offline, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = jsonLines(stdout);
    const messages = lines.slice(0, -1);
    expect(messages[0]).toMatchObject({
      type: "book_generation_update",
      data: { book_id: 1, status: "queued" },
    });
    for (const message of messages) {
      expect(Object.keys(message)).toEqual(["id", "type", "topic", "time", "data"]);
    }
    expect(messages.some(({ type }) => type === "chapter_text")).toBe(true);
    const updates = messages.filter(({ type }) => type === "book_generation_update");
    expect(updates.at(-1)).toMatchObject({ data: { status: "completed", progress: 100 } });
    const result = resultOf(stdout);
    expect(result).toMatchObject({
      book_id: 1,
      status: "completed",
      chapters: 2,
      chapters_done: 2,
      exit_code: 0,
    });
    expect(result["files"]).toEqual(
      ["epub", "md", "json"].map((extension) => join(box.cwd, `books/ports/ports.${extension}`)),
    );
    expect(result).not.toHaveProperty("error");
  });

  it("waits for a slow reader of --json and loses no character", async () => {
    using box = createSandbox();
    const { child, ended } = box.start([
      "create",
      "Long",
      "--author",
      "offline",
      "--chapters",
      "40",
      "--json",
    ]);
    // More than a pipe holds is written meanwhile.
    child.stdout.pause();
    await new Promise((resolve) => setTimeout(resolve, 700));
    child.stdout.resume();
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const lengths = new Map<unknown, number>();
    for (const { type, data } of jsonLines(stdout)) {
      if (type !== "chapter_text") continue;
      const { chapter, offset, text } = data as { chapter: number; offset: number; text: string };
      expect(offset).toBe(lengths.get(chapter) ?? 0);
      lengths.set(chapter, offset + text.length);
    }
    expect(lengths.size).toBe(40);
  });

  it("says with --quiet only where the book is", async () => {
    using box = createSandbox();
    const { stdout, stderr } = await box.run([
      "create",
      "Ports",
      ...offline,
      "-q",
      "--format",
      "html,epub",
      "--out",
      "o",
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: "o/ports.html\n", stderr: "" });
    expect(readdirSync(join(box.cwd, "o")).sort()).toEqual([
      "ports.epub",
      "ports.html",
      "ports.json",
    ]);
  });

  it("saves the one file that --out names, in its format, also when it is resumed, and never another's", async () => {
    using box = createSandbox();
    const named = ["create", "Ports", ...offline, "-q", "--out", "shelf/Ports of Call.md"];
    expect(await box.run(named)).toMatchObject({ code: 0, stdout: "shelf/Ports of Call.md\n" });
    expect(readdirSync(join(box.cwd, "shelf"))).toEqual(["Ports of Call.md"]);
    const first = readFileSync(join(box.cwd, "shelf/Ports of Call.md"), "utf8");
    expect(first).toContain("# Ports");
    // Of the same book, it is saved again; of another one, it is refused before there is a book.
    expect(await box.run(["resume", "1", "-q"])).toMatchObject({
      stdout: "shelf/Ports of Call.md\n",
    });
    expect(readdirSync(join(box.cwd, "shelf"))).toEqual(["Ports of Call.md"]);
    const refusals: ReadonlyArray<readonly [readonly string[], RegExp]> = [
      [["--out", "shelf/Ports of Call.md"], /There is a file shelf\/Ports of Call\.md already/],
      [["--out", "a.epub", "--format", "html"], /end like --format html, got a\.epub/],
      [["--out", "a.epub", "--format", "epub,html"], /end like --format epub,html, got a\.epub/],
      [["--out", "a.mobi"], /or a file in epub, .*, got a\.mobi/],
    ];
    for (const [flags, reason] of refusals) {
      const { code, stderr } = await box.run(["create", "Other", ...offline, ...flags]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
    }
    expect(await box.run(["list"])).toMatchObject({ stdout: expect.not.stringContaining("Other") });
    // A folder may be called like a file.
    mkdirSync(join(box.cwd, "b.epub"));
    const { stdout } = await box.run(["resume", "1", "-q", "--out", "b.epub", "--format", "html"]);
    expect(stdout).toBe("b.epub/ports.html\n");
    expect(readdirSync(join(box.cwd, "b.epub"))).toEqual(["ports.html", "ports.json"]);
    const conflict = await box.run(["export", "1", "--format", "html", "--out", "c.epub"]);
    expect(conflict).toMatchObject({ code: 2, stderr: expect.stringContaining("got c.epub") });
  });

  it("gives each of two books of one title, made at once, its own folder and number", async () => {
    using box = createSandbox();
    const runs = await Promise.all(
      [1, 2, 3].map(() => box.run(["create", "Ports", ...offline, "--json"])),
    );
    const results = runs.map(({ stdout }) => resultOf(stdout));
    expect(results.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    expect(new Set(results.map(({ book_id: id }) => id))).toEqual(new Set([1, 2, 3]));
    expect(new Set(results.flatMap(({ files }) => files as string[])).size).toBe(9);
    expect(readdirSync(join(box.cwd, "books")).sort()).toEqual(["ports", "ports-2", "ports-3"]);
  });

  it("typesets the user's own Markdown", async () => {
    using box = createSandbox();
    mkdirSync(join(box.cwd, "notes"));
    writeFileSync(join(box.cwd, "notes/a.md"), "# Ebb\n\nThe sea goes out.\n");
    writeFileSync(join(box.cwd, "notes/b.md"), "# Flood\n\nThe sea comes *back*.\n");
    const { code, stdout, stderr } = await box.run(["create", "My notes", "--from", "notes"]);
    expect(stderr).not.toContain("error:");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "books/my-notes/my-notes.epub\n" });
    const text = (await box.run(["read", "1"])).stdout;
    expect(text).toContain("The sea goes out.");
    expect(text).toContain("The sea comes *back*.");
  });

  it.each([
    ["control characters", "a\u001B[31mred\u0007\u0001", "red"],
    ["a right-to-left override", "gpj.\u202Eexe", "gpj."],
    [
      "shell metacharacters",
      "$(touch owned); `id` | & > \"quoted\" 'single' %PATH%",
      "$(touch owned)",
    ],
    ["XML metacharacters", "</title><script>alert(1)</script>&amp;]]>", "<script>"],
    ["a path", "../../../etc/passwd", "passwd"],
    ["only dots", "..", ".."],
    ["what looks like Typst", "#set page() $x$ *b* _i_ @ref <label>", "@ref"],
    ["no Latin letters", "潮汐 · الجزر", "潮汐"],
  ])("takes a title with %s", async (_what, title, shown) => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run([
      "create",
      "--author",
      "offline",
      "--chapters",
      "1",
      "--json",
      "--",
      title,
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const { files, title: kept } = resultOf(stdout) as { files: string[]; title: string };
    for (const file of files) {
      expect(file.slice(box.cwd.length)).toMatch(/^\/books\/[a-z0-9-]+\/[a-z0-9-]+\.[a-z]+$/);
    }
    expect(kept).not.toMatch(/\p{Cc}|\u202E/u);
    expect(kept).toContain(shown);
    expect(readdirSync(box.cwd)).toEqual(["books"]);
    const listed = await box.run(["list"]);
    expect(listed.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });

  it.each([
    ["10,000 characters", "x".repeat(10_000), []],
    ["nothing visible", " \u0001\u202E ", []],
    ["a bad language", "T", ["--language", "not a language"]],
    ["an author that does not exist", "T", ["--author", "shakespeare"]],
    ["a source that is not there", "T", ["--from", "missing"]],
  ])("refuses %s with 2, and leaves nothing behind", async (_what, title, more) => {
    using box = createSandbox();
    const { code, stderr, stdout } = await box.run(["create", title, ...more]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: /m);
    expect(stderr.length).toBeLessThan(2_000);
    expect(readdirSync(box.cwd)).toEqual([]);
    expect((await box.run(["list"])).stdout).toBe("");
  });

  it("ends with 4 where a key is missing", async () => {
    using box = createSandbox();
    const { code, stdout } = await box.run(["create", "T", "--author", "openai:gpt-5", "--json"]);
    expect(code).toBe(4);
    expect(resultOf(stdout)).toMatchObject({
      status: "failed",
      error: { code: "author_unavailable" },
    });
  });

  it("ends with 4 where the provider refuses the key, which is never shown", async () => {
    using box = createSandbox();
    const server = createServer((request, response) => {
      request.resume().once("end", () => {
        response.writeHead(401, { "content-type": "application/json" });
        response.end('{"error":{"message":"Incorrect API key provided: sk-very-secret"}}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const env = {
        OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
        OPENAI_API_KEY: "sk-very-secret",
      };
      const { code, stdout, stderr } = await box.run(["create", "T", "--author", "openai:m"], {
        env,
      });
      expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
      expect(stderr).toMatch(/^error: .*refused the key/m);
      expect(stderr).toContain("inkwire resume 1");
      expect(stderr).not.toContain("sk-very-secret");
    } finally {
      server.close();
    }
  });

  it("checks that --out can be written before there is a book", async () => {
    using box = createSandbox();
    writeFileSync(join(box.cwd, "file"), "");
    mkdirSync(join(box.cwd, "locked"));
    chmodSync(join(box.cwd, "locked"), 0o500);
    const places = process.getuid?.() === 0 ? ["file/o", "/proc/o"] : ["file/o", "locked/o"];
    for (const out of places) {
      const { code, stderr } = await box.run(["create", "T", ...offline, "--out", out]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: Can't write to .+\nhint: /m);
    }
    expect((await box.run(["list"])).stdout).toBe("");
  });

  it("refuses a home made by a newer version, and one that is a file", async () => {
    using box = createSandbox();
    mkdirSync(box.home);
    writeFileSync(join(box.home, "home.json"), '{"v":99}\n');
    const newer = await box.run(["create", "T", ...offline]);
    expect(newer.code).toBe(1);
    expect(newer.stderr).toMatch(/^error: .*newer.*\nhint: /m);
    const file = await box.run(["list", "--home", join(box.home, "home.json")]);
    expect(file.code).toBe(1);
    expect(file.stderr).toMatch(/^error: /m);
    expect(file.stderr).not.toContain("    at ");
  });

  it("shows a stack for --debug only", async () => {
    using box = createSandbox();
    for (const options of [
      { args: ["--debug"], env: {} },
      { args: [], env: { INKWIRE_DEBUG: "1" } },
    ]) {
      const { stderr } = await box.run(["show", "99", ...options.args], { env: options.env });
      expect(stderr).toContain("    at ");
    }
    expect((await box.run(["show", "99"])).stderr).not.toContain("    at ");
  });
});
