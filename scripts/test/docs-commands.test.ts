import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { transformSync } from "esbuild";
import { expect, it } from "vitest";
import { fences, markdownFiles, root } from "./support/markdown.js";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Each command of the reference, and the flags that its help and that of all commands name. */
function knownFlags(): Map<string, Set<string>> {
  const flagsIn = (text: string): string[] => text.match(/--[a-z][a-z-]*/g) ?? [];
  const [, ...sections] = read("docs/reference/cli.md").split(/^#+ inkwire ?/m);
  const everywhere = ["--help", ...flagsIn(sections[0] ?? "")];
  return new Map(
    sections.map((section) => {
      const [name = ""] = section.split("\n");
      return [name, new Set([...everywhere, ...flagsIn(section)])];
    }),
  );
}

/** The command lines of a page: those of its shell snippets, and those in a sentence. */
function commandLines(text: string): string[] {
  const snippets = fences(text, "sh").flatMap((code) => code.replaceAll("\\\n", " ").split("\n"));
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "");
  const inline = [...prose.matchAll(/`((?:pnpm |npx )[^`]+|inkwire [^`]+)`/g)].map(
    ([, code = ""]) => code.replaceAll("\n", " "),
  );
  return [...snippets, ...inline].map((line) => line.replace(/(^|\s)#.*$/, ""));
}

const COMMAND =
  /(?:^|[\s(`])(?:(?:npx -y )?pnpm(?:@12)? (?:-s )?(?<book>book)|(?:pnpm (?:-s )?)?(?:inkwire|npx @inkwire\/cli))\s+(?<words>[^|;&)]*)/g;

it("shows no command and no flag of inkwire that is not there", () => {
  const flags = knownFlags();
  const wrong: string[] = [];
  let count = 0;
  for (const file of markdownFiles()) {
    if (file.endsWith("reference/cli.md")) continue;
    for (const line of commandLines(readFileSync(file, "utf8"))) {
      for (const { groups } of line.matchAll(COMMAND)) {
        const bare = (groups?.["words"] ?? "").replaceAll(/"[^"]*"|'[^']*'/g, "TEXT");
        const words = groups?.["book"] === undefined ? bare : `create ${bare}`;
        const [first = "", second = ""] = words.trim().split(/\s+/);
        if (!/^[a-z]+$/.test(first)) continue;
        const name = flags.has(`${first} ${second}`) ? `${first} ${second}` : first;
        const unknown = [...words.matchAll(/(?:^|\s)(--[a-z][a-z-]*)/g)]
          .map(([, flag = ""]) => flag)
          .filter((flag) => flags.get(name)?.has(flag) !== true);
        count += 1;
        if (!flags.has(name) || unknown.length > 0)
          wrong.push(`${relative(root, file)}: ${line.trim()} (${unknown.join(" ") || name})`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(60);
});

it("shows no script of the workspace and no example that is not there", () => {
  const scriptsOf = (folder: string): object => {
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) return {};
    return (JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: object }).scripts ?? {};
  };
  const pnpmItself = new Set(["add", "install", "exec", "pack", "changeset"]);
  const wrong: string[] = [];
  for (const file of markdownFiles()) {
    // An example's README is read in its folder.
    const scripts = { ...scriptsOf(root), ...scriptsOf(dirname(file)) };
    for (const line of commandLines(readFileSync(file, "utf8"))) {
      for (const [, script = "", argument = ""] of line.matchAll(
        /(?:^|\s)pnpm(?:@12)? (?:-s )?(?:run )?([a-z][a-z:-]*)(?: ([a-z-]+))?/g,
      )) {
        const isExample = script === "example" && argument !== "";
        const known =
          (script in scripts || pnpmItself.has(script)) &&
          (!isExample || existsSync(join(root, "examples", argument)));
        if (!known) wrong.push(`${relative(root, file)}: ${line.trim()}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it("shows nothing to type that a shell can't read", () => {
  for (const file of markdownFiles()) {
    for (const code of fences(readFileSync(file, "utf8"), "sh")) {
      const { stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
      expect(stderr, `${relative(root, file)}:\n${code}`).toBe("");
    }
  }
});

it("shows no JavaScript and no page that does not parse", () => {
  for (const file of markdownFiles()) {
    const text = readFileSync(file, "utf8");
    const scripts = fences(text, "html").flatMap((html) =>
      [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code = ""]) => code),
    );
    for (const code of [...fences(text, "js"), ...fences(text, "jsx"), ...scripts])
      expect(() => transformSync(code, { loader: "jsx" }), relative(root, file)).not.toThrow();
  }
});
