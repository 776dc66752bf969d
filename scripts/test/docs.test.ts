import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";
import { fences, markdownFiles, root } from "./support/markdown.js";

/** The anchors that GitHub gives the headings of a page. */
function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

// A compiler runs here, which takes its time on a busy machine.
it("compiles every TypeScript snippet of the documentation", { timeout: 120_000 }, () => {
  const folder = join(root, "docs/.snippets");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const file of markdownFiles()) {
    for (const language of ["ts", "tsx"]) {
      for (const [index, code] of fences(readFileSync(file, "utf8"), language).entries()) {
        const page = relative(root, file).replaceAll(/[^a-zA-Z0-9]/g, "-");
        writeFileSync(join(folder, `${page}-${index + 1}.${language}`), `${code}\nexport {};\n`);
        count += 1;
      }
    }
  }
  expect(count).toBeGreaterThan(1);
  const tsc = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "docs"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  expect(tsc.stdout + tsc.stderr).toBe("");
});

it("has no JSON snippet that does not parse", () => {
  for (const file of markdownFiles()) {
    for (const code of fences(readFileSync(file, "utf8"), "json"))
      expect(() => JSON.parse(code), code).not.toThrow();
  }
});

it("has no link to a page, a heading or a picture that is not there", () => {
  const broken: string[] = [];
  for (const file of markdownFiles()) {
    const text = readFileSync(file, "utf8");
    for (const [, target = ""] of text
      .replaceAll(/^```[\s\S]*?^```$/gm, "")
      .matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const page = path === "" ? file : resolve(dirname(file), path);
      const known =
        existsSync(page) &&
        (anchor === undefined || anchors(readFileSync(page, "utf8")).has(anchor));
      if (!known) broken.push(`${relative(root, file)}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

it("explains every error code in the reference", () => {
  const source = readFileSync(join(root, "packages/core/src/protocol/errors.ts"), "utf8");
  const union = /export type ErrorCode =([\s\S]*?);\n/.exec(source)?.[1] ?? "";
  const codes = [...union.matchAll(/"([a-z_]+)"/g)].map((match) => match[1] ?? "");
  expect(codes.length).toBeGreaterThan(30);
  const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

it("names in the page on parity tests that are there", () => {
  const page = join(root, "docs/reference/parity.md");
  const proofs = [
    ...readFileSync(page, "utf8").matchAll(
      /\[([^\]]+)\]\(([^)\s]+(?:\.test\.tsx?|suites\/\w+\.ts))\)/g,
    ),
  ];
  expect(proofs.length).toBeGreaterThan(40);
  const missing = proofs.filter(
    ([, title = "", file = ""]) =>
      !readFileSync(resolve(dirname(page), file), "utf8").includes(title),
  );
  expect(missing.map(([link]) => link)).toEqual([]);
});
