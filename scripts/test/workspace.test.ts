import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

it("runs on the Node that the workspace brings, not on the system's", () => {
  const wanted = /^ {2}node: (\d\S+)$/m.exec(read("pnpm-workspace.yaml"))?.[1];
  expect(process.version).toBe(`v${wanted}`);
});

it("keeps machine paths and registry hosts out of what is committed", () => {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter(Boolean);
  expect(files.length).toBeGreaterThan(20);
  const suspicious = files.filter((file) => {
    if (/\.(png|epub|jpg|gif|webp)$/.test(file) || file === "pnpm-lock.yaml") return false;
    return /registry\.npmjs\.org|deb\.debian\.org|(^|[\s"'`(=])\/(work|root|home\/\w+)\//m.test(
      read(file),
    );
  });
  expect(suspicious).toEqual([]);
});

it("keeps pictures that everybody downloads small", () => {
  const pictures = execFileSync("git", ["ls-files", "*.png", "*.jpg", "*.webp", "docs/*.svg"], {
    cwd: root,
    encoding: "utf8",
  });
  const large = pictures
    .split("\n")
    .filter((file) => file.startsWith("docs/") && statSync(new URL(file, root)).size > 150_000);
  expect(pictures).toContain("docs/guide/live-view.svg");
  expect(large).toEqual([]);
});
