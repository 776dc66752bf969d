import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSource, sourceLimits } from "../../src/books/source.js";
import { isInkwireError } from "../../src/protocol/index.js";
import { png } from "./exporters/documents.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "inkwire-source-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

const pathsOf = async (...given: string[]) => (await readSource(given)).map((file) => file.path);

async function refusal(...given: string[]): Promise<string> {
  const failed = await readSource(given).catch((error: unknown) => error);
  expect(isInkwireError(failed, "source_unreadable")).toBe(true);
  return (failed as Error).message;
}

describe("readSource", () => {
  it("reads a folder in natural order, each folder's index first, and leaves out what is hidden", async () => {
    for (const name of [
      "10.md",
      "2.md",
      "README.md",
      "b/z.markdown",
      "b/index.md",
      "a.txt",
      ".hidden.md",
      ".git/x.md",
      "node_modules/p/y.md",
    ]) {
      await write(name, name);
    }
    expect(await pathsOf(root)).toEqual([
      "README.md",
      "2.md",
      "10.md",
      "b/index.md",
      "b/z.markdown",
    ]);
  });

  it("keeps the order of files as they are given, each once", async () => {
    const [b, a] = [await write("b.md", "b"), await write("x/a.txt", "a")];
    expect(await pathsOf(b, a, b)).toEqual(["b.md", "x/a.txt"]);
    expect(await pathsOf(a)).toEqual(["a.txt"]);
  });

  it("brings pictures that the text shows, from its own folder only", async () => {
    await write(
      "book/one.md",
      "![a](img/a%20b.png) ![again](./img/a%20b.png) ![out](../out.png) ![none](none.png) ![web](https://a.b/c.png)",
    );
    await write("book/img/a b.png", png.bytes);
    await write("book/img/unused.png", png.bytes);
    await write("out.png", png.bytes);
    expect(await pathsOf(path.join(root, "book"))).toEqual(["one.md", "img/a b.png"]);
  });

  it("follows no symbolic link out of the folder, and no loop", async () => {
    await write("secret/s.md", "secret");
    await write("secret/s.png", png.bytes);
    await write("book/one.md", "![s](s.png)");
    const book = path.join(root, "book");
    await symlink(path.join(root, "secret/s.md"), path.join(book, "s.md"));
    await symlink(path.join(root, "secret/s.png"), path.join(book, "s.png"));
    await symlink(path.join(root, "secret"), path.join(book, "folder"));
    await symlink(book, path.join(book, "loop"));
    await symlink("gone.md", path.join(book, "gone-link.md"));
    expect(await pathsOf(book)).toEqual(["one.md"]);
  });

  it("names what it cannot read", async () => {
    expect(await refusal(path.join(root, "no.md"))).toContain("no.md does not exist");
    expect(await refusal(root)).toContain("has no Markdown file");
    expect(await refusal("/dev/null")).toContain("/dev/null is neither a file nor a folder");
    expect(await refusal("a\0b")).toContain("cannot be read");
    expect(await refusal()).toContain("nothing was given");
    const big = await write("big.md", "");
    await truncate(big, sourceLimits.maxFileBytes + 1);
    expect(await refusal(big)).toContain("big.md is too large");
  });

  it.runIf(process.getuid?.() !== 0)(
    "says that a file may not be read (left out for root, who may read everything)",
    async () => {
      const file = await write("closed.md", "x");
      await chmod(file, 0o000);
      expect(await refusal(file)).toContain("closed.md may not be read");
    },
  );
});
