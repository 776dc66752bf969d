import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt } from "../support/cli.js";

beforeAll(ensureBuilt, 120_000);

const examples = fileURLToPath(new URL("../../../../examples/", import.meta.url));
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

// The built command: only there are the templates beside it.
describe("inkwire init", () => {
  it("makes a project that starts, of the example as it is here", async () => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.start(["init", "My Books!"]).ended;
    const project = join(box.cwd, "My Books!");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${project}\n` });
    expect(stderr).toContain("  cd 'My Books!'\n  npm install\n  npm start\n");
    expect(readdirSync(project).toSorted()).toEqual([
      ".gitignore",
      "README.md",
      "index.html",
      "package.json",
      "server.js",
    ]);
    for (const file of ["server.js", "index.html"])
      expect(read(project, file)).toBe(read(examples, "minimal", file));
    expect(read(project, "README.md")).not.toMatch(/pnpm|\]\(\.\.\//);
    const manifest = JSON.parse(read(project, "package.json")) as Record<string, unknown>;
    const { version } = JSON.parse(
      read(fileURLToPath(new URL("../../package.json", import.meta.url))),
    ) as { version: string };
    expect(manifest).toMatchObject({
      name: "my-books",
      private: true,
      engines: { node: ">=22.18" },
      dependencies: { "@inkwire/core": `^${version}`, "@inkwire/client": `^${version}` },
    });

    // Installed as npm would, but for the download: `pnpm check:install` does that too.
    symlinkSync(join(examples, "minimal/node_modules"), join(project, "node_modules"));
    const server = spawn(process.execPath, ["server.js"], {
      cwd: project,
      env: { PATH: process.env["PATH"], PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [url] = (await once(createInterface(server.stdout), "line")) as [string];
      expect(await (await fetch(url)).text()).toBe(read(project, "index.html"));
    } finally {
      server.kill("SIGKILL");
    }
  });

  it.each(["express", "hono", "orders", "solid"])(
    "has %s, with versions that npm knows",
    async (name) => {
      using box = createSandbox();
      const { code } = await box.start(["init", "--template", name]).ended;
      expect(code).toBe(0);
      const { dependencies, devDependencies } = JSON.parse(read(box.cwd, "package.json")) as Record<
        string,
        Record<string, string> | undefined
      >;
      const asked = Object.entries({ ...dependencies, ...devDependencies });
      for (const [, range] of asked) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
      // What is not published cannot be installed.
      const ours = asked.map(([one]) => one).filter((one) => one.startsWith("@inkwire/"));
      for (const one of ours) expect(["@inkwire/core", "@inkwire/client"]).toContain(one);
      expect(readdirSync(box.cwd)).toContain(name === "solid" ? "server" : "server.js");
      expect(read(box.cwd, "README.md")).not.toMatch(/pnpm|\]\(\.\.\//);
    },
  );

  it("takes a folder that holds only a repository for empty", async () => {
    using box = createSandbox();
    mkdirSync(join(box.cwd, ".git"));
    const { code, stderr } = await box.start(["init"]).ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain("cd ");
  });

  it("refuses a folder that holds something, and touches nothing", async () => {
    using box = createSandbox();
    writeFileSync(join(box.cwd, "server.js"), "mine");
    const { code, stdout, stderr } = await box.start(["init"]).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`Expected an empty folder, but ${box.cwd} holds server.js\n`);
    expect(stderr).toContain("hint: name a new folder");
    expect(readdirSync(box.cwd)).toEqual(["server.js"]);
    expect(read(box.cwd, "server.js")).toBe("mine");
  });

  it("refuses a file, and a template that is not there", async () => {
    using box = createSandbox();
    writeFileSync(join(box.cwd, "taken"), "");
    const file = await box.start(["init", "taken"]).ended;
    expect(file.code).toBe(2);
    expect(file.stderr).toContain("Expected a folder, got a file");
    const unknown = await box.start(["init", "new", "--template", "../../src"]).ended;
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("one of express, hono, minimal, orders, solid");
    expect(readdirSync(box.cwd)).toEqual(["taken"]);
  });
});
