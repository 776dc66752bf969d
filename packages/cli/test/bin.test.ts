import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wrapper } from "./support/cli.js";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "inkwire-bin-"));
  mkdirSync(join(place, "bin"));
  cpSync(wrapper, join(place, "bin/inkwire.js"));
  writeFileSync(join(place, "package.json"), '{"type":"module"}');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function run(env: Record<string, string> = {}, nodeArgs: readonly string[] = []) {
  return spawnSync(process.execPath, [...nodeArgs, join(place, "bin/inkwire.js")], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
}

/** A command that only prints what the wrapper prepared. */
function install(): void {
  mkdirSync(join(place, "dist"));
  const script = `import module from "node:module";
    const { NODE_ENV, FORCE_COLOR } = process.env;
    console.log(JSON.stringify({ NODE_ENV, FORCE_COLOR, cached: module.getCompileCacheDir() !== undefined }));`;
  writeFileSync(join(place, "dist/main.js"), script);
}

const pretend = (version: string) => [
  "--import",
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`,
];

describe("the wrapper", () => {
  it.each(["14.21.3", "20.20.2", "22.17.1"])(
    "tells Node %s what is needed and what was found",
    (version) => {
      install();
      const { status, stderr, stdout } = run({}, pretend(version));
      expect(status).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("Node 22.18 or newer");
      expect(stderr).toContain(`this is Node ${version}`);
      expect(stderr).toContain("hint: ");
    },
  );

  it.each(["22.18.0", "24.21.0", "26.0.0"])("lets Node %s in", (version) => {
    install();
    expect(run({}, pretend(version)).status).toBe(0);
  });

  it.each([
    [{}, { NODE_ENV: "production" }],
    [{ NODE_ENV: "development" }, { NODE_ENV: "development" }],
    [{ NO_COLOR: "1" }, { NODE_ENV: "production", FORCE_COLOR: "0" }],
    [{ INKWIRE_NO_COLOR: "1" }, { NODE_ENV: "production", FORCE_COLOR: "0" }],
    [{ NO_COLOR: "" }, { NODE_ENV: "production" }],
    [
      { NO_COLOR: "1", FORCE_COLOR: "3" },
      { NODE_ENV: "production", FORCE_COLOR: "3" },
    ],
  ])("prepares the environment %j", (env, expected) => {
    install();
    const { stdout } = run(env);
    expect(JSON.parse(stdout)).toEqual({ ...expected, cached: true });
  });

  it("says that a checkout is not built, without a stack", () => {
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toBe("error: this checkout is not built yet\nhint: run `pnpm build`\n");
  });

  it("does not hide a failure inside of the command", () => {
    install();
    writeFileSync(join(place, "dist/main.js"), 'import "./missing.js";');
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain("missing.js");
  });
});
