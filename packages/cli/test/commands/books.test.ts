import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, jsonLines, type Sandbox } from "../support/cli.js";

let box: Sandbox;
beforeAll(async () => {
  await ensureBuilt();
  box = createSandbox();
  await box.run(["create", "Ports", "--author", "offline", "--chapters", "2", "-q"]);
  await box.run(["create", "Tides", "--author", "offline", "--chapters", "3", "-q"]);
}, 120_000);
afterAll(() => box[Symbol.dispose]());

describe("inkwire list", () => {
  it("shows the newest book first", async () => {
    const { code, stdout, stderr } = await box.run(["list"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, ...rows] = stdout.trimEnd().split("\n");
    expect(header).toMatch(/^ID +STATUS +DONE +WORDS +CHANGED +TITLE$/);
    expect(rows.map((row) => row.trim().split(/ +/)[0])).toEqual(["2", "1"]);
  });

  it("prints one object a line for --json", async () => {
    const { stdout } = await box.run(["list", "--json"]);
    expect(jsonLines(stdout)).toMatchObject([
      { book_id: 2, title: "Tides", status: "completed" },
      { book_id: 1, title: "Ports", status: "completed" },
    ]);
  });

  it("has nothing to say on stdout in an empty home", async () => {
    using empty = createSandbox();
    const { code, stdout, stderr } = await empty.run(["list"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("inkwire create");
    expect(await empty.run(["list", "--json"])).toMatchObject({ stdout: "" });
  });

  it("takes a home by flag, before or after its name", async () => {
    using other = createSandbox();
    expect((await other.run(["--home", box.home, "list"])).stdout).toContain("Tides");
    expect((await other.run(["list", "--home", box.home])).stdout).toContain("Tides");
  });
});

describe("inkwire show", () => {
  it("shows outline, author and state", async () => {
    const { code, stdout } = await box.run(["show", "2"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Tides");
    expect(stdout).toMatch(/ {2}done +3\. /);
    const json = jsonLines((await box.run(["show", "#2", "--json"])).stdout);
    expect(json).toMatchObject([{ book_id: 2, chapters: [{ number: 1, state: "done" }, {}, {}] }]);
  });

  it.each([
    [["show", "99"]],
    [["read", "99"]],
    [["export", "99"]],
    [["cancel", "99"]],
    [["resume", "99"]],
    [["delete", "99", "--yes"]],
  ])("%j of a book that there is not ends with 1 and says so", async (args) => {
    const { code, stdout, stderr } = await box.run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*99/m);
  });
});

it("says of a book that is done that there is nothing to cancel, and leaves it as it is", async () => {
  const { code, stderr } = await box.run(["cancel", "2"]);
  expect([code, stderr]).toEqual([
    0,
    "Nothing is left to cancel, it is completed; book 2: Tides\n",
  ]);
  expect((await box.run(["show", "2"])).stdout).toContain("completed, 100%");
});

describe("inkwire read", () => {
  it("prints Markdown, all of it or one chapter", async () => {
    const whole = (await box.run(["read", "2"])).stdout;
    expect(whole).toMatch(/^# Tides\n\n## /);
    expect(whole.match(/^## /gm)?.length).toBeGreaterThanOrEqual(3);
    const second = (await box.run(["read", "2", "--chapter", "2"])).stdout;
    expect(second).toMatch(/^## /);
    expect(whole).toContain(second.trim());
    expect(await box.run(["read", "2", "--chapter", "9"])).toMatchObject({ code: 1, stdout: "" });
  });

  it("ends quietly when its reader goes away", async () => {
    const { child, ended } = box.start(["read", "2"]);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("inkwire export", () => {
  it("saves a new file here and never takes another file's place", async () => {
    const first = await box.run(["export", "1"]);
    const second = await box.run(["export", "1"]);
    expect([first.stdout, second.stdout]).toEqual(["ports.epub\n", "ports-2.epub\n"]);
    expect(readFileSync(join(box.cwd, "ports.epub"))).toEqual(
      readFileSync(join(box.cwd, "ports-2.epub")),
    );
  });

  it("takes the format from the name, and replaces the file that is named", async () => {
    writeFileSync(join(box.cwd, "mine.html"), "old");
    expect(await box.run(["export", "1", "--out", "mine.html"])).toMatchObject({
      code: 0,
      stdout: "mine.html\n",
    });
    expect(readFileSync(join(box.cwd, "mine.html"), "utf8")).toMatch(/^<!doctype html>/i);
    mkdirSync(join(box.cwd, "folder"));
    const { stdout } = await box.run(["export", "1", "--format", "md", "--out", "folder"]);
    expect(stdout).toBe("folder/ports.md\n");
  });

  it("writes the file itself to stdout for -", async () => {
    const { code, stdout } = await box.run(["export", "1", "--format", "markdown", "--out", "-"]);
    expect(code).toBe(0);
    expect(stdout).toContain("# Ports");
  });

  it("makes a PDF and a document for Word, by the name of the file", async () => {
    for (const [name, start] of [
      ["mine.pdf", "%PDF-1."],
      ["mine.docx", "PK"],
    ] as const) {
      const { code, stdout } = await box.run(["export", "1", "--out", name]);
      expect([code, stdout]).toEqual([0, `${name}\n`]);
      expect(readFileSync(join(box.cwd, name), "latin1").startsWith(start)).toBe(true);
    }
  });

  it("names a folder that is missing", async () => {
    const { code, stderr } = await box.run(["export", "1", "--out", "no/such/file.epub"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: There is no folder .+\nhint: /);
  });
});

describe("inkwire delete", () => {
  it("asks nobody without a terminal: it wants --yes", async () => {
    const refused = await box.run(["delete", "1"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--yes");
    expect((await box.run(["show", "1"])).code).toBe(0);
    const done = await box.run(["delete", "1", "--yes"]);
    expect(done).toMatchObject({ code: 0, stdout: "" });
    expect(done.stderr).toContain("Deleted book 1");
    expect((await box.run(["show", "1"])).code).toBe(1);
    expect(existsSync(join(box.cwd, "books/ports/ports.epub"))).toBe(true);
  });
});

describe("a damaged record", () => {
  it("is named, and hurts no other book", async () => {
    using other = createSandbox();
    await other.run(["create", "One", "--author", "offline", "--chapters", "1", "-q"]);
    await other.run(["create", "Two", "--author", "offline", "--chapters", "1", "-q"]);
    const damaged = damageBook(other.home, "One");
    const { code, stderr } = await other.run(["show", "1"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*damaged/m);
    expect((await other.run(["show", "2"])).code).toBe(0);
    expect((await other.run(["list"])).stdout).toContain("Two");
    expect(
      (await other.run(["create", "Three", "--author", "offline", "--chapters", "1", "-q"])).code,
    ).toBe(0);
    expect(damaged).not.toBe("");
  });
});

/** Cuts the stored record of the book with that title in half; gives back its path. */
function damageBook(home: string, title: string): string {
  for (const name of readdirSync(home, { recursive: true, encoding: "utf8" })) {
    const path = join(home, name);
    if (!statSync(path).isFile() || !name.includes("book")) continue;
    const text = readFileSync(path, "utf8");
    if (!text.includes(`"title":"${title}"`)) continue;
    writeFileSync(path, text.slice(0, text.length / 2));
    return path;
  }
  throw new Error("there is no record of that book");
}

describe("inkwire doctor", () => {
  it("finds this machine well, or says what is broken", async () => {
    const { code, stdout } = await box.run(["doctor"]);
    expect(code).toBe(0);
    for (const name of ["node", "terminal", "home", "disk", "secret", "author"])
      expect(stdout).toContain(name);
    const broken = await box.run(["doctor", "--home", join(box.cwd, "ports.epub")]);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/broken +home/);
  });

  it("prints one JSON object, which never holds a key", async () => {
    const { stdout } = await box.run(["doctor", "--json"], {
      env: { OPENAI_API_KEY: "sk-very-secret" },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      findings: expect.any(Array) as unknown[],
    });
    expect(stdout).not.toContain("sk-very-secret");
    expect(stdout).toContain("OPENAI_API_KEY");
  });
});
