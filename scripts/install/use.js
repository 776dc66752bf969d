// Runs in the empty project of `check-install.js`, on one Node after the other: imports every entry, serves, listens, writes.
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

assert(process.version.startsWith(process.argv[2] ?? "?"), `ran on ${process.version}`);

let entries = 0;
for (const name of ["@inkwire/core", "@inkwire/client"]) {
  const { exports } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  for (const [path, target] of Object.entries(exports)) {
    assert(!JSON.stringify(target).includes("/src/"), `${name} ${path} leads into the sources`);
    if (/\.(json|css)$/.test(path)) continue;
    if (path === "./redis" && !existsSync("node_modules/ioredis")) {
      // It asks for two packages that only those who use it install, and says which.
      await assert.rejects(import(name + path.slice(1)), /ioredis|bullmq/);
      continue;
    }
    const names = Object.keys(await import(name + path.slice(1)));
    assert(names.length > 0, `${name} ${path} exports nothing`);
    entries += 1;
  }
}
assert(entries >= 8);

const { createTokenIssuer } = await import("@inkwire/core");
const { createInkwire } = await import("@inkwire/core/server");
const { createClient } = await import("@inkwire/client");
const secret = "a secret of the install check, long enough";
const inkwire = await createInkwire({ auth: { secret }, welcome: null });
const { url } = await inkwire.listen({ port: 0 });
const token = await createTokenIssuer({ secret }).issue({ userId: "ada" });
for (const transport of /** @type {const} */ (["sse", "websocket"])) {
  const client = createClient({ url, token, transport });
  const isLive = new Promise((resolve) => {
    client.state.subscribe(({ status }) => status === "live" && resolve(undefined));
  });
  client.connect();
  await isLive;
  const told = client.once("notification", { signal: AbortSignal.timeout(20_000) });
  await inkwire.notify.info("ada", { title: "Hello", message: transport });
  assert.equal((await told).data.message, transport);
  client.close();
}
await inkwire.close();

const home = `home-${process.version}`;
const create = spawnSync(
  process.execPath,
  [
    "node_modules/@inkwire/cli/bin/inkwire.js",
    "create",
    "The Tides of Brittany",
    "--chapters=2",
    "--author=offline",
    "--progress=plain",
    `--out=${home}/book`,
  ],
  {
    encoding: "utf8",
    env: { ...process.env, INKWIRE_HOME: home, INKWIRE_PACE: "0", INKWIRE_JWT_SECRET: secret },
    timeout: 60_000,
  },
);
assert.equal(create.status, 0, create.stderr);
const files = readdirSync(`${home}/book`);
assert(
  files.some((file) => file.endsWith(".epub")),
  `no EPUB among ${files.join()}`,
);
process.stdout.write(`${process.version}: ${entries} entries, SSE, WebSocket and a book\n`);
