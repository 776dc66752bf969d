import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectSse, connectWebSocket, Refused, type WireClient } from "../support/wire-client.js";
import {
  isInstalled,
  replaceAll,
  snippetOf,
  startCaddy,
  startNginx,
  type Proxy,
} from "./support/proxy.js";
import { openServerRoom, type ServerRoom } from "./support/server-room.js";

const hasNginx = isInstalled("nginx", "-v");
const hasCaddy = isInstalled("caddy", "version");
if (!hasNginx) console.warn("skipped: nginx is not installed (apt-get install nginx)");
if (!hasCaddy) console.warn("skipped: caddy is not installed (apt-get install caddy)");

const page = new URL("../../../../docs/operations/proxies.md", import.meta.url);
const MESSAGES = 15;
const timeout = 60_000;

let room: ServerRoom;
let upstream: string;
let token: string;

beforeEach(async () => {
  room = await openServerRoom({ trustProxy: 1, metrics: "open", welcome: null });
  const { port } = await room.inkwire.listen();
  upstream = `127.0.0.1:${port}`;
  token = await room.token("ada");
});
afterEach(async () => room[Symbol.asyncDispose]());

/** The configuration of the page, with this place's ports and folders. */
const documentedNginx = (more = "") =>
  startNginx(
    (port, folder) =>
      more +
      replaceAll(snippetOf(page, "nginx"), [
        ["listen 80;", `listen 127.0.0.1:${port};`],
        ["127.0.0.1:4555", upstream],
        ["books.example", "_"],
        ["/var/log/nginx", `${folder}/log`],
      ]),
  );

const documentedCaddy = (more = "") =>
  startCaddy((port, folder) =>
    replaceAll(snippetOf(page, "caddyfile"), [
      ["books.example {", `http://127.0.0.1:${port} {\n${more}`],
      ["127.0.0.1:4555", upstream],
      ["/var/log/caddy", `${folder}/log`],
    ]),
  );

/** One message at a time, each only once the one before has come: what buffers never shows the second. */
async function expectAtOnce(client: WireClient): Promise<void> {
  const took: number[] = [];
  await client.next("wire.hello");
  for (let n = 0; n < MESSAGES; n += 1) {
    const startedAt = performance.now();
    await room.inkwire.notify.info("ada", { title: `${n}`, message: "" });
    await client.next("notification");
    took.push(performance.now() - startedAt);
  }
  // The middle of them, as this machine may have other things to do for a moment.
  expect(took.toSorted((a, b) => a - b)[Math.floor(MESSAGES / 2)]).toBeLessThan(250);
}

const sse = (proxy: Proxy, headers: Readonly<Record<string, string>> = {}) =>
  connectSse(`${proxy.url}/events`, { token, headers });
const webSocket = (proxy: Proxy) =>
  connectWebSocket(`${proxy.url.replace("http", "ws")}/ws`, { token });

async function expectAllThrough(proxy: Proxy): Promise<void> {
  {
    await using client = await sse(proxy);
    await expectAtOnce(client);
  }
  {
    await using client = await sse(proxy, { "accept-encoding": "gzip, br, zstd" });
    await expectAtOnce(client);
  }
  await using client = await webSocket(proxy);
  await expectAtOnce(client);
}

describe.each([
  ["nginx", hasNginx, documentedNginx, ""],
  [
    "nginx with gzip on for all types",
    hasNginx,
    documentedNginx,
    "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;\n",
  ],
  ["Caddy", hasCaddy, documentedCaddy, ""],
  ["Caddy with encode", hasCaddy, documentedCaddy, "encode gzip zstd\n"],
] as const)("%s, configured as documented", (_name, isThere, start, more) => {
  it.skipIf(!isThere)(
    "passes each message on at once, over SSE and WebSocket",
    { timeout },
    async () => {
      await using proxy = await start(more);
      await expectAllThrough(proxy);
    },
  );
});

describe.each([
  ["nginx", hasNginx, documentedNginx],
  ["Caddy", hasCaddy, documentedCaddy],
] as const)("%s, configured as documented", (_name, isThere, start) => {
  it.skipIf(!isThere)(
    "shows nobody the metrics, logs no token, and lets no client choose its address",
    { timeout },
    async () => {
      await using proxy = await start();
      expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404);
      expect((await fetch(`http://${upstream}/metrics`)).status).toBe(200);

      await using client = await connectSse(`${proxy.url}/events`, {
        token,
        tokenInUrl: true,
        headers: { "x-forwarded-for": "6.6.6.6" },
      });
      await client.next("wire.hello");
      await using offering = await connectWebSocket(`${proxy.url.replace("http", "ws")}/ws`, {
        protocols: ["inkwire.v1", `inkwire.token.${token}`],
      });
      await offering.next("wire.hello");
      client.close();
      offering.close();
      // A log line may be written at the end of a request only.
      await expect.poll(() => proxy.log()).toContain("/events");
      await expect.poll(() => proxy.log()).toContain("/ws");
      expect(proxy.log()).not.toContain(token);
      expect(proxy.log()).not.toContain(token.split(".")[2]);
      expect(room.log.join("\n")).not.toContain("6.6.6.6");
      expect(room.log.join("\n")).toContain('"address":"127.0.0.1"');
    },
  );

  it.skipIf(!isThere)(
    "says that the server is away, and passes the stream of the next one",
    { timeout },
    async () => {
      await using proxy = await start();
      await using client = await sse(proxy);
      await client.next("wire.hello");
      await room.inkwire.drain();
      await client.ended;
      expect((await client.next("wire.goodbye")).data).toMatchObject({ reason: "drain" });
      await room.inkwire.close();
      expect((await fetch(`${proxy.url}/events`)).status).toBe(502);
    },
  );
});

describe("nginx with nothing but proxy_pass", () => {
  const bare = () =>
    startNginx(
      (port) =>
        `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${upstream}; } }`,
    );

  it.skipIf(!hasNginx)("passes each message of SSE on at once", { timeout }, async () => {
    await using proxy = await bare();
    await using client = await sse(proxy);
    await expectAtOnce(client);
  });

  it.skipIf(!hasNginx)("passes no WebSocket, and says so at once", { timeout }, async () => {
    await using proxy = await bare();
    await expect(webSocket(proxy)).rejects.toBeInstanceOf(Refused);
  });
});
