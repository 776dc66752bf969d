import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@inkwire/test-browser";
import { EventSource } from "eventsource";
import { WebSocket } from "ws";

export interface Received {
  readonly id?: string;
  readonly type: string;
  readonly topic?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it set off
  readonly data: any;
}

/** A client that knows nothing of inkwire but its protocol. */
export interface ForeignClient extends AsyncDisposable {
  readonly name: string;
  /** All that it was told, in order. */
  readonly received: readonly Received[];
}

/** What a native EventSource must name to hear it. */
const TYPES = [
  "wire.hello",
  "wire.heartbeat",
  "wire.goodbye",
  "book_generation_update",
  "book_deleted",
  "notification",
  "system_notification",
  "inbox_update",
];

export function withCurl(url: string, token: string): ForeignClient {
  const received: Received[] = [];
  const child = spawn("curl", ["-sN", "-H", `Authorization: Bearer ${token}`, `${url}/events`]);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("data: ")) received.push(JSON.parse(line.slice(6)) as Received);
  });
  return client("curl -N", received, async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, "close");
  });
}

export function withEventSourcePackage(url: string, token: string): ForeignClient {
  const received: Received[] = [];
  const source = new EventSource(`${url}/events`, {
    fetch: (input, init) =>
      fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  });
  for (const type of TYPES) {
    source.addEventListener(type, ({ data }) =>
      received.push(JSON.parse(String(data)) as Received),
    );
  }
  return client("npm eventsource", received, async () => source.close());
}

export function withWs(url: string, token: string): ForeignClient {
  const received: Received[] = [];
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, "inkwire.v1", {
    headers: { authorization: `Bearer ${token}` },
  });
  socket.on("error", () => {});
  socket.on("message", (data: Buffer) => {
    received.push(JSON.parse(data.toString()) as Received);
  });
  return client("npm ws", received, async () => socket.terminate());
}

const python = "/usr/bin/python3";
export const hasPythonWebsockets =
  spawnSync(python, ["-c", "import websockets"], { stdio: "ignore" }).status === 0;

export function withPython(url: string, token: string): ForeignClient {
  const received: Received[] = [];
  const script = fileURLToPath(new URL("../foreign/reader.py", import.meta.url));
  const child = spawn(python, ["-B", script, `${url.replace("http", "ws")}/ws`, token], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    received.push(JSON.parse(line) as Received);
  });
  return client("Python websockets", received, async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, "close");
  });
}

/** A browser, and where its pages come from: an origin that has to be among the server's. */
export interface PageHost extends AsyncDisposable {
  readonly origin: string;
  readonly browser: Awaited<ReturnType<typeof launchChromium>>;
}

/** Serves an empty page to a real Chromium, from another origin than the server's. */
export async function openPageHost(): Promise<PageHost> {
  const server = createServer((_req, res) =>
    res.setHeader("content-type", "text/html").end("<!doctype html><title>A page</title>"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launchChromium();
  return {
    browser,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page with its native EventSource, which can send no header. */
export async function withChromium(
  { browser, origin }: PageHost,
  url: string,
  token: string,
): Promise<ForeignClient> {
  const received: Received[] = [];
  const page = await browser.newPage();
  await page.exposeFunction(
    "told",
    (text: string) => void received.push(JSON.parse(text) as Received),
  );
  await page.goto(origin);
  // As text, since this package is no page: it has no types of the DOM.
  await page.evaluate(`{
    const source = new EventSource(${JSON.stringify(`${url}/events?token=${token}`)});
    for (const type of ${JSON.stringify(TYPES)}) source.addEventListener(type, ({ data }) => told(data));
  }`);
  return client("EventSource of Chromium", received, () => page.close());
}

function client(
  name: string,
  received: readonly Received[],
  close: () => Promise<void>,
): ForeignClient {
  return { name, received, [Symbol.asyncDispose]: close };
}
