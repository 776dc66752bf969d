import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, jsonLines, resultOf, type Sandbox } from "./support/cli.js";

let box: Sandbox;
beforeAll(async () => {
  await ensureBuilt();
  box = createSandbox();
});
afterAll(() => box[Symbol.dispose]());

describe.concurrent("help", () => {
  it("shows commands, examples, exit codes and environment on stdout", async () => {
    const { code, stdout, stderr } = await box.run(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const part of [
      "Usage: inkwire",
      "create",
      "doctor",
      "Examples:",
      "Exit codes:",
      "INKWIRE_HOME",
    ]) {
      expect(stdout).toContain(part);
    }
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stdout).not.toContain("\u001B");
  });

  it("is what a bare call shows", async () => {
    expect(await box.run([])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("Usage:") as string,
    });
  });

  it("has colour where that is forced", async () => {
    const { stdout } = await box.run(["--help"], { env: { FORCE_COLOR: "1" } });
    expect(stdout).toContain("\u001B[1mUsage:");
    const without = await box.run(["--help", "--no-color"], { env: { FORCE_COLOR: "1" } });
    expect(without.stdout).not.toContain("\u001B");
  });

  it("is there for each command", async () => {
    const { code, stdout } = await box.run(["create", "--help"]);
    expect(code).toBe(0);
    for (const flag of [
      "--brief",
      "--chapters",
      "--words",
      "--language",
      "--author",
      "--from",
      "--format",
      "--out",
      "--byline",
      "--json",
      "--quiet",
      "--progress",
      "--bell",
      "--yes",
      "--home",
      "--debug",
      "--no-color",
    ]) {
      expect(stdout).toContain(flag);
    }
  });

  it("tells the version of the package", async () => {
    const file = join(import.meta.dirname, "../package.json");
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    expect(await box.run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe.concurrent("a wrong command line", () => {
  it.each([
    [["craete", "x"], "Did you mean create"],
    [["create", "x", "--chpaters", "3"], "Did you mean --chapters"],
    [["create"], "title"],
    [["create", ""], "title"],
    [["create", "x", "--chapters", "abc"], "whole number from 1 to 200"],
    [["create", "x", "--chapters", "0"], "whole number from 1 to 200"],
    [["create", "x", "--chapters", "1e3"], "whole number from 1 to 200"],
    [["create", "x", "--words", "-5"], "--words"],
    [["create", "x", "--format", "mobi"], "epub, markdown, html, pdf, docx"],
    [["create", "x", "--progress", "fancy"], "plain"],
    [["create", "x", "--json", "--progress=tty"], "can't be used together"],
    [["create", "x", "--quiet", "--progress=plain"], "can't be used together"],
    [["create", "x", "y"], "too many arguments"],
    [["show", "seven"], "number of a book"],
    [["show", "0"], "number of a book"],
    [["show"], "id"],
    [["chapter", "edit", "1", "2", "3"], "see `inkwire chapter edit --help`"],
    [["read", "1", "--chapter", "0"], "whole number"],
  ])("%j ends with 2 and says what is expected", async (args, expected) => {
    const { code, stdout, stderr } = await box.run(args);
    const told = stdout + stderr;
    expect(code).toBe(2);
    expect(told).toContain(expected);
    expect(stderr).toMatch(args.includes("--json") ? /^$/ : /^error: .+\nhint: .+\n$/);
  });

  it("is told as JSON where JSON was asked for, on stdout alone", async () => {
    const created = await box.run(["create", "x", "--json", "--chapters", "abc"]);
    expect(created.stderr).toBe("");
    expect(resultOf(created.stdout)).toMatchObject({
      status: "failed",
      exit_code: 2,
      files: [],
      error: { code: "invalid_option", retryable: false },
    });
    const shown = await box.run(["show", "x", "--json"]);
    expect(jsonLines(shown.stdout)).toMatchObject([
      { type: "error", data: { code: "invalid_option" } },
    ]);
  });

  it("is repeated without what could act on a terminal", async () => {
    const { code, stderr } = await box.run(["\u001B]0;owned\u0007\u202Ecreate\n"]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe("what is loaded", () => {
  const tracer = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from "node:module";
    import { appendFileSync } from "node:fs";
    registerHooks({ load(url, context, next) {
      appendFileSync(process.env.TRACE_FILE, url + "\\n");
      return next(url, context);
    } });
  `)}`;
  let traces = 0;

  async function loadedBy(args: readonly string[]): Promise<string[]> {
    traces += 1;
    const file = join(box.cwd, `trace-${traces}`);
    const traced = { nodeArgs: ["--import", tracer], env: { TRACE_FILE: file } };
    const { code } = await box.start(args, traced).ended;
    expect(code).toBe(0);
    return readFileSync(file, "utf8").trim().split("\n");
  }

  it("for help is the command itself and nothing of a book", async () => {
    const urls = (await loadedBy(["--help"])).filter((url) => url.startsWith("file:"));
    expect(urls.filter((url) => url.includes("/core/") || url.includes("/node_modules/"))).toEqual(
      [],
    );
    expect(urls.some((url) => url.endsWith("/dist/main.js"))).toBe(true);
  });

  it.each([[["list"]], [["create", "Quick", "--author", "offline", "--json", "--chapters", "2"]]])(
    "for %j is neither Ink nor React nor a model's SDK",
    async (args) => {
      const urls = await loadedBy(args);
      expect(urls.some((url) => url.includes("/core/"))).toBe(true);
      expect(
        urls.filter((url) =>
          /\/node_modules\/(ink|react|react-reconciler|yoga-layout|ai|@ai-sdk)\//.test(url),
        ),
      ).toEqual([]);
    },
  );
});
