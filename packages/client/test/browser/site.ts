import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createMemoryHistory, createTokenIssuer, type History } from "@inkwire/core";
import { createInkwire, type Inkwire, type InkwireOptions } from "@inkwire/core/server";

const secret = "a secret of the tests, which is long enough";

/** A real server that also has a page, and can go away and come back. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  /** The one that runs now. */
  readonly inkwire: Inkwire;
  /** How many `/events` and `/ws` were opened since the beginning. */
  readonly opened: () => number;
  readonly open: () => number;
  /** What is open gets no byte any more, and is not told so. */
  freeze(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Publishes the numbers as notifications of `user`. */
  tell(from: number, to: number, user?: string): Promise<void>;
  /** How long the tokens last that are given out from now on. */
  ttlMs: number;
}

interface SiteOptions {
  readonly script: string;
  /** Rendered by a server, and what that needs in the head. */
  readonly html?: string | undefined;
  readonly head?: string | undefined;
  readonly server?: Partial<InkwireOptions> | undefined;
}

/** `GET /token?user=ada` signs anybody in. */
export async function openSite({
  script,
  html = "",
  head = "",
  server = {},
}: SiteOptions): Promise<Site> {
  const issuer = createTokenIssuer({ secret });
  const theme = await readFile(new URL("../../src/solid/theme.css", import.meta.url), "utf8");
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/theme.css">
<style>body{font:16px/1.5 system-ui,sans-serif;margin:0;background:light-dark(#faf9f6,#131216);color:light-dark(#1f1d24,#eceae6)}</style>${head}</head><body><div id="app">${html}</div><script type="module" src="/page.js"></script></body></html>`;
  const history: History = createMemoryHistory({ maxMessages: 20_000, maxBytes: 64 * 1024 * 1024 });
  // It outlives a restart, like one in Redis.
  history.close = async () => undefined;
  const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "/": ["text/html", page],
    "/elsewhere": ["text/html", "<!doctype html><title>Elsewhere</title>"],
    "/page.js": ["text/javascript", script],
    "/theme.css": ["text/css", theme],
  };
  let opened = 0;
  let port = 0;
  let inkwire: Inkwire;
  let http: Server;
  const sockets = new Set<Socket>();

  async function start(): Promise<void> {
    inkwire = await createInkwire({
      auth: { secret },
      rateLimits: null,
      welcome: null,
      history,
      ...server,
    });
    inkwire.connections.onOpen(() => (opened += 1));
    http = createServer((req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? "/", "http://localhost");
      const file = files[pathname];
      if (file !== undefined) {
        res.setHeader("content-type", `${file[0]}; charset=utf-8`);
        return res.end(file[1]);
      }
      if (pathname !== "/token") return inkwire.listener(req, res);
      const userId = searchParams.get("user") ?? "ada";
      return void issuer.issue({ userId, ttlMs: site.ttlMs }).then((token) => res.end(token));
    });
    http.on("upgrade", (req, socket, head) => {
      if (!inkwire.upgrade(req, socket, head)) socket.destroy();
    });
    http.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
    ({ port } = http.address() as AddressInfo);
  }

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => http.close(resolve));
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, inkwire.close()]);
  }

  const site: Site = {
    ttlMs: 3_600_000,
    get url() {
      return `http://127.0.0.1:${port}/`;
    },
    get inkwire() {
      return inkwire;
    },
    opened: () => opened,
    open: () => inkwire.connections.counts.total,
    freeze() {
      for (const socket of sockets) socket.cork();
    },
    start,
    stop,
    async tell(from, to, user = "ada") {
      for (let n = from; n <= to; n += 1) {
        const data = { id: String(n), title: `Number ${n}`, message: "", type: "info" } as const;
        await inkwire.bus.publish(`user/${user}`, "notification", data);
      }
    },
    [Symbol.asyncDispose]: stop,
  };
  await start();
  return site;
}
