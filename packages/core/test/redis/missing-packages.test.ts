import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where inkwire is installed with all that it needs, but for these packages. */
function installWithout(folder: string, missing: readonly string[]): void {
  cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", version: "0.0.0" }));
  const link = (name: string): void => {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name), "dir");
  };
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@"))
      for (const inner of readdirSync(join(root, "node_modules", name))) link(`${name}/${inner}`);
    else if (!missing.includes(name)) link(name);
  }
}

it.each([{ missing: ["ioredis", "bullmq"] }, { missing: ["bullmq"] }])(
  "says what to install where $missing can't be found, and serves without",
  async ({ missing }) => {
    using folder = tempDirectory();
    installWithout(folder.path, missing);
    writeFileSync(
      join(folder.path, "serve.ts"),
      `import { createInkwire } from "./src/server/index.js";
const auth = { secret: "a secret of the tests, which is long enough" };
try {
  await createInkwire({ auth, redis: "redis://127.0.0.1:1" });
} catch (error) {
  const { name, code, message, hint, cause } = error;
  console.log(JSON.stringify({ name, code, message, hint, cause: cause.message }));
}
const alone = await createInkwire({ auth });
console.log((await alone.fetch(new Request("http://localhost/health"))).status);
await alone.close();
`,
    );
    await using process = startSource(join(folder.path, "serve.ts"), import.meta.url, []);
    const told = JSON.parse((await process.line()) ?? "") as Record<string, string>;
    expect(told).toMatchObject({
      name: "InkwireError",
      code: "invalid_option",
      hint: "Install them where inkwire is: npm install ioredis bullmq",
    });
    for (const name of missing) expect(told["message"]).toContain(name);
    expect(told["cause"]).toContain(`'${missing[0]}'`);
    expect(await process.line()).toBe("200");
    expect(await process.ended).toBe(0);
  },
);
