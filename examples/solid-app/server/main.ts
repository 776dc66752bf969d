// One process serves everything: the API and the live messages below /live, the login, and the app.
// `node server/main.ts --dev` has Vite compile the app as it is asked for; without it, what `vite build` made is served.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTokenVerifier } from "@inkwire/core";
import { createAuthors } from "@inkwire/core/books";
import { createInkwire } from "@inkwire/core/server";
import { createDesk } from "./desk.ts";
import { sendJson, type Handler } from "./json.ts";
import { createLogin } from "./login.ts";
import { servePages } from "./pages.ts";

const { env } = process;
const root = fileURLToPath(new URL("../", import.meta.url));
const home = env["INKWIRE_HOME"] ?? join(root, "data");
const redis = env["INKWIRE_REDIS_URL"];
const secret = env["INKWIRE_JWT_SECRET"] ?? keptSecret(join(home, "secret"));
// First of all: it may refuse.
const login = createLogin({ secret, env });

// Without a key or a model server the planner "writes", and slowly enough to be watched.
const authors = createAuthors({ env, wordsPerSecond: Number(env["WORDS_PER_SECOND"] ?? 45) });
const writers = (await authors.list()).filter(({ available }) => available);

const verifier = createTokenVerifier({ secret, audience: "api" });
const inkwire = await createInkwire({
  basePath: "/live",
  auth: { verifier },
  // With a Redis, servers that share it are one.
  ...(redis === undefined ? { home } : { redis }),
  trustProxy: Number(env["TRUST_PROXY"] ?? 0),
  books: { authors, allowedAuthors: ["auto", ...writers.map(({ id }) => id)] },
  welcome: {
    title: "Welcome",
    message: "Start a book, and read it while it is being written.",
    actionUrl: "/new",
  },
});
const desk = createDesk({ writers, verifier });

const server = createServer((req, res) => {
  const path = (req.url ?? "/").split("?")[0] ?? "/";
  if (path.startsWith("/live/desk/")) answer(desk, req, res);
  else if (path.startsWith("/live/")) inkwire.listener(req, res);
  else if (path.startsWith("/auth/")) answer(login, req, res);
  else pages(req, res);
});
const isDev = process.argv.includes("--dev");
const pages: RequestListener = isDev ? await viteOn(server) : servePages(join(root, "dist"));

server.on("upgrade", (req, socket, head) => {
  // In development Vite has a WebSocket of its own here.
  if (!inkwire.upgrade(req, socket, head) && !isDev) socket.destroy();
});
server.listen(Number(env["PORT"] ?? 4600), "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object")
    process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
process.once("SIGTERM", () => void inkwire.drain().finally(() => process.exit()));

/** What fails here fails for one request alone. */
function answer(handler: Handler, req: IncomingMessage, res: ServerResponse): void {
  handler(req, res).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    if (res.headersSent) res.destroy();
    else sendJson(res, 500, { code: "internal", detail: "That did not work." });
  });
}

async function viteOn(server: ReturnType<typeof createServer>): Promise<RequestListener> {
  const { createServer: createVite } = await import("vite");
  const vite = await createVite({
    root,
    server: { middlewareMode: true, hmr: { server } },
  });
  return vite.middlewares;
}

/** Made once, so that a restart signs nobody out. */
function keptSecret(path: string): string {
  if (!existsSync(path)) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, randomBytes(32).toString("base64url"), { mode: 0o600 });
  }
  return readFileSync(path, "utf8");
}
