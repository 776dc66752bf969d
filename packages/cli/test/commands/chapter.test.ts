import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { createSandbox, ensureBuilt } from "../support/cli.js";

beforeAll(ensureBuilt, 120_000);

it("edits, compares, reverts and writes a chapter again, and says which others may no longer fit", async () => {
  using box = createSandbox();
  const offline = ["--author", "offline", "--chapters", "3", "--format", "markdown"];
  expect((await box.run(["create", "Ports", ...offline])).code).toBe(0);

  writeFileSync(join(box.cwd, "new.md"), "My own first paragraph.\n\nAnd a second one.\n");
  const edited = await box.run(["chapter", "edit", "1", "2", "--file", "new.md"]);
  expect(edited.code).toBe(0);
  expect(edited.stderr).toContain("Chapter 2 of book 1 is at version 2");
  expect(edited.stderr).toContain("inkwire chapter regenerate 1 3");
  expect((await box.run(["show", "1"])).stdout).toMatch(/3\. .*may no longer fit/);
  expect((await box.run(["read", "1", "--chapter", "2"])).stdout).toContain("My own first");

  const input = "My own first paragraph, by the sea.\n\nAnd a second one.\n";
  const again = await box.run(["chapter", "edit", "1", "2", "--file", "-"], { input });
  expect(again.stderr).toContain("version 3");
  const diff = await box.run(["chapter", "diff", "1", "2"]);
  expect(diff.stdout).toContain("-My own first paragraph.\n+My own first paragraph, by the sea.\n");
  expect(diff.stdout).not.toContain("\u001B");

  expect((await box.run(["chapter", "revert", "1", "2", "1"])).code).toBe(0);
  const versions = await box.run(["chapter", "versions", "1", "2"]);
  expect(versions.stdout.split("\n").slice(0, 4)).toEqual([
    expect.stringMatching(/^ {2}1 {2}written/),
    expect.stringMatching(/^ {2}2 {2}edited {2}8 words/),
    expect.stringMatching(/^ {2}3 {2}edited {2}11 words/),
    expect.stringMatching(/^\* 4 {2}reverted/),
  ]);

  const regenerated = await box.run(["chapter", "regenerate", "1", "2"]);
  expect(regenerated.code).toBe(0);
  expect(regenerated.stderr).toContain("Price: nothing, no language model is used");
  expect(regenerated.stderr).toContain("Chapter 2 of book 1 is at version 5");

  const missing = await box.run(["chapter", "edit", "1", "9", "--file", "new.md"]);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(await box.run(["chapter", "edit", "1", "1"])).toMatchObject({ code: 2 });
}, 120_000);
