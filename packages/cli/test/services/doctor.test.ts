import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPaint } from "../../src/output/color.js";
import { formatFindings } from "../../src/output/doctor-text.js";
import { checkHome, checkNode, checkSecret, isHealthy } from "../../src/services/doctor.js";

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "inkwire-doctor-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it.each([
  ["18.20.0", "broken"],
  ["22.17.9", "broken"],
  ["22.18.0", "ok"],
  ["24.0.0", "ok"],
])("finds Node %s %s", (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

it("goes on below where a finding began, in a narrow terminal", () => {
  const detail = "not here: local, none of Ollama and LM Studio answers";
  const findings = [
    { name: "author", state: "warning", detail, hint: "start one of them first" },
  ] as const;
  const page = formatFindings(findings, createPaint(false), "inkwire needs", 40);
  expect(page.split("\n").slice(0, 4)).toEqual([
    "warning  author  not here: local, none",
    "                 of Ollama and LM Studio",
    "                 answers",
    "                 hint: start one of them",
  ]);
});

it("finds a home that can be written, and leaves nothing there", async () => {
  expect(await checkHome(home)).toMatchObject({ state: "ok", detail: home });
  expect(await readdir(home)).toEqual([]);
});

it("does not make a home that is not there yet", async () => {
  expect(await checkHome(join(home, "a", "b"))).toMatchObject({ state: "ok" });
  expect(await readdir(home)).toEqual([]);
});

it("finds a home that is a file broken", async () => {
  await writeFile(join(home, "file"), "");
  const finding = await checkHome(join(home, "file"));
  expect(finding.state).toBe("broken");
  expect(isHealthy([finding])).toBe(false);
});

it("wants the secret to be its owner's alone, and never shows it", async () => {
  const path = join(home, "secret");
  expect(await checkSecret(path, {})).toMatchObject({ state: "ok" });
  await writeFile(path, "s3cr3t", { mode: 0o644 });
  await chmod(path, 0o644);
  const open = await checkSecret(path, {});
  expect(open).toMatchObject({ state: "broken", hint: `chmod 600 ${path}` });
  await chmod(path, 0o600);
  expect(await checkSecret(path, {})).toMatchObject({ state: "ok" });
  const fromEnv = await checkSecret(path, { INKWIRE_JWT_SECRET: "s3cr3t" });
  expect(JSON.stringify([open, fromEnv])).not.toContain("s3cr3t");
});
