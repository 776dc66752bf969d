import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  abandonDestination,
  numbered,
  prepareDestination,
  reopenDestination,
  saveFiles,
} from "../../src/services/destination.js";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "inkwire-out-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const file = (name: string, text: string) => ({
  name,
  mediaType: "text/plain",
  bytes: new TextEncoder().encode(text),
});

describe("prepareDestination", () => {
  it("makes a folder of its own for each book of one title", async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => prepareDestination(cwd, undefined, "The Tides")),
    );
    const names = made.map(({ directory }) => directory.slice(cwd.length + 1)).sort();
    expect(names).toEqual(
      [1, 2, 3, 4, 5].map((n) => join("books", n === 1 ? "the-tides" : `the-tides-${n}`)),
    );
    expect(made.every(({ own }) => own)).toBe(true);
  });

  it.each([
    "../../etc/passwd",
    "..",
    "/",
    "a/b\\c",
    "\u0000",
    "\u202Egpj",
    "con",
    "x".repeat(10_000),
    "\uD800",
    "$(rm -rf ~)",
  ])("stays below books for the title %j", async (title) => {
    const { directory } = await prepareDestination(cwd, undefined, title);
    expect(directory.slice(cwd.length)).toMatch(/^[\\/]books[\\/][a-z0-9-]{1,70}$/);
  });

  it("takes a named folder as it is and leaves nothing in it", async () => {
    const { directory, own } = await prepareDestination(cwd, "a/b", "The Tides");
    expect(directory).toBe(join(cwd, "a", "b"));
    expect(own).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  });

  it("refuses a folder that can't be written, with what to do", async () => {
    await writeFile(join(cwd, "file"), "");
    const refused = prepareDestination(cwd, "file/below", "T");
    await expect(refused).rejects.toMatchObject({
      code: "storage_failed",
      hint: expect.stringContaining("folder") as string,
    });
    if (process.getuid?.() === 0) return;
    await mkdir(join(cwd, "locked"));
    await chmod(join(cwd, "locked"), 0o500);
    await expect(prepareDestination(cwd, "locked", "T")).rejects.toMatchObject({
      code: "storage_failed",
    });
  });

  it("comes back from places where nothing can be made", async () => {
    const refused = prepareDestination(cwd, "/proc/inkwire/books", "T");
    await expect(refused).rejects.toMatchObject({ code: "storage_failed" });
  });

  it("is there again for a resume, also when the folder was deleted", async () => {
    const destination = await prepareDestination(cwd, undefined, "T");
    await rm(destination.directory, { recursive: true });
    await reopenDestination(destination);
    expect(await readdir(destination.directory)).toEqual([]);
  });
});

describe("abandonDestination", () => {
  it("removes an empty folder of its own, and nothing else", async () => {
    const empty = await prepareDestination(cwd, undefined, "Empty");
    const used = await prepareDestination(cwd, undefined, "Used");
    const named = await prepareDestination(cwd, "named", "Named");
    await writeFile(join(used.directory, "notes"), "");
    for (const destination of [empty, used, named]) await abandonDestination(destination);
    expect((await readdir(join(cwd, "books"))).sort()).toEqual(["used"]);
    expect(await readdir(cwd)).toContain("named");
  });
});

describe("saveFiles", () => {
  it("never replaces a file of somebody else, and keeps the names of a book together", async () => {
    const destination = { directory: cwd, own: false };
    await writeFile(join(cwd, "t.md"), "mine");
    const paths = await saveFiles(destination, [file("t.epub", "e"), file("t.md", "m")]);
    expect(paths).toEqual([join(cwd, "t-2.epub"), join(cwd, "t-2.md")]);
    expect(await readFile(join(cwd, "t.md"), "utf8")).toBe("mine");
    expect((await readdir(cwd)).sort()).toEqual(["t-2.epub", "t-2.md", "t.md"]);
  });

  it("replaces what an earlier run of the same book saved", async () => {
    const destination = { directory: cwd, own: true };
    const first = await saveFiles(destination, [file("t.md", "old")]);
    const again = await saveFiles(destination, [file("t.md", "new")], first);
    expect(again).toEqual(first);
    expect(await readFile(join(cwd, "t.md"), "utf8")).toBe("new");
  });

  it("leaves none of them where one can't be saved", async () => {
    const destination = { directory: cwd, own: true };
    const saving = saveFiles(destination, [file("t.md", "m"), file("no/such/folder.md", "m")]);
    await expect(saving).rejects.toThrow("ENOENT");
    expect(await readdir(cwd)).toEqual([]);
  });

  it("gives writers at the same time a name each", async () => {
    const destination = { directory: cwd, own: false };
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        saveFiles(destination, [file("t.md", `${n}`), file("t.json", `${n}`)]),
      ),
    );
    expect(new Set(all.flat()).size).toBe(16);
    for (const [n, [markdown = "", json = ""]] of all.entries()) {
      expect(await readFile(markdown, "utf8")).toBe(`${n}`);
      expect(await readFile(json, "utf8")).toBe(`${n}`);
    }
    expect((await readdir(cwd)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("numbers before the extension", () => {
    expect([numbered("a.epub", 1), numbered("a.epub", 2), numbered("a", 3)]).toEqual([
      "a.epub",
      "a-2.epub",
      "a-3",
    ]);
  });
});
