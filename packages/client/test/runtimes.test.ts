import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "tsup";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFakeToken, createFaultServer } from "../src/testing/index.js";
import { publish, range, until } from "./support/harness.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const bin = fileURLToPath(new URL("../node_modules/.bin/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "inkwire-runtimes-"));
const program = join(folder, "runtime.js");

const runtimes = [
  ["node", process.execPath, []],
  ["bun", `${bin}bun`, ["run"]],
  ["deno", `${bin}deno`, ["run", "--allow-net", "--allow-env", "--no-lock", "--no-config"]],
] as const;

beforeAll(async () => {
  await build({
    entry: [`${here}processes/runtime.ts`],
    outDir: folder,
    format: "esm",
    // No runtime is named: what only one of them has would not be found.
    platform: "neutral",
    config: false,
    silent: true,
    noExternal: [/./],
    outExtension: () => ({ js: ".js" }),
    esbuildOptions: (options) => {
      options.conditions = ["inkwire-src"];
    },
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = runtimes.flatMap(([name, command, args]) =>
  (["sse", "websocket"] as const).map((transport) => ({ name, command, args, transport })),
);

it.each(rows)(
  "hears everything once in $name, over $transport",
  async ({ command, args, transport }) => {
    await using server = await createFaultServer({
      seed: 5,
      faults: { split: 0.3, duplicate: 0.05, cut: 0.01 },
    });
    const run = promisify(execFile)(
      command,
      [...args, program, server.url, createFakeToken("1"), transport, "400"],
      {
        timeout: 60_000,
        // Deno must find no project of ours: then it would mind its package.json.
        cwd: folder,
      },
    );
    await Promise.race([run, until(() => server.connections > 0, "a connection", 30_000)]);
    // Who is cut off before the hello has no place to come back to.
    await new Promise((done) => setTimeout(done, 1_500));
    for (let from = 1; from <= 400; from += 20) {
      publish(server, from, from + 19);
      await server.flush();
      await new Promise((done) => setTimeout(done, 10));
      if (from % 100 === 81) server.cut();
    }
    const { stdout, stderr } = await run;
    const said = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      numbers: number[];
      status: number;
      problems: string[];
      userId: string;
    };
    expect(said.numbers).toEqual(range(1, 400));
    expect([said.status, said.userId]).toEqual([204, "1"]);
    // A hello that the faults doubled is no message; nothing else is a problem but the handler that threw. Whoever has no
    // `onProblem` reads of it, and the process lives.
    if (transport === "sse") {
      const others = said.problems.filter((code) => code !== "invalid_message");
      expect([others, stderr]).toEqual([["handler_failed"], ""]);
    } else expect(stderr).toMatch(/A handler threw[^]*A mistake of the program's own/);
  },
  90_000,
);
