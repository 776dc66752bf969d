import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanEnv, root, startApp, type RunningApp } from "./support/app.ts";

const MAX_SCRIPT_BYTES = 60_000;

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.[Symbol.asyncDispose]());

const page = (): string => readFileSync(join(root, "dist/index.html"), "utf8");
const scripts = (): string[] =>
  [...page().matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path = ""]) => path);

it("loads at most 60 kB of JavaScript before it shows something, compressed", () => {
  expect(scripts().length).toBeGreaterThan(1);
  const bytes = scripts().map(
    (path) => gzipSync(readFileSync(join(root, "dist", path)), { level: 9 }).length,
  );
  expect(bytes.reduce((all, one) => all + one, 0)).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
});

it("serves each page of the app for its address, and keeps for ever what has its hash in its name", async () => {
  const book = await fetch(`${app.url}/books/7/3`);
  expect(await book.text()).toBe(page());
  expect(book.headers.get("cache-control")).toBe("no-cache");
  const again = await fetch(`${app.url}/`, {
    headers: { "if-none-match": book.headers.get("etag") ?? "" },
  });
  expect(again.status).toBe(304);
  const script = scripts().find((path) => path.startsWith("/assets/")) ?? "";
  const asset = await fetch(`${app.url}${script}`, { headers: { "accept-encoding": "br" } });
  expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(asset.headers.get("content-encoding")).toBe("br");
  expect(await asset.text()).toBe(readFileSync(join(root, "dist", script), "utf8"));
  for (const path of ["/assets/none.js", "/../package.json", "/server/login.ts"]) {
    expect((await fetch(`${app.url}${path}`)).status, path).toBe(404);
  }
  expect((await fetch(app.url, { method: "POST" })).status).toBe(405);
});

it("lets no script run that is not its own, and nobody frame it", async () => {
  const policy = (await fetch(app.url)).headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(page()).not.toMatch(/<script>|style=|onload=/);
});

it("takes a token of the login for nothing but the API, and a session for nothing but tokens", async () => {
  const login = (name: unknown) =>
    fetch(`${app.url}/auth/login`, { method: "POST", body: JSON.stringify({ name }) });
  for (const name of ["", "a".repeat(40), "<b>", "\u0000", 7, null, "a\nb"]) {
    expect((await login(name)).status, String(name)).toBe(400);
  }
  const cookie = (await login("Zoë O'Hara")).headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  const session = cookie.split(";")[0] ?? "";
  const post = (headers: Record<string, string>) =>
    fetch(`${app.url}/auth/token`, { method: "POST", headers });
  const { name, token } = (await (await post({ cookie: session })).json()) as Record<
    string,
    string
  >;
  expect(name?.toLowerCase()).toBe("zoë o'hara");
  const books = (bearer: string) =>
    fetch(`${app.url}/live/api/books`, { headers: { authorization: `Bearer ${bearer}` } });
  expect((await books(token ?? "")).status).toBe(200);
  expect((await books(session.split("=")[1] ?? "")).status).toBe(401);
  expect((await post({ cookie: `inkwire_session=${token}` })).status).toBe(401);
  expect((await post({})).status).toBe(401);
  // Another page's script may not use the cookie.
  expect((await post({ cookie: session, "sec-fetch-site": "cross-site" })).status).toBe(405);
  expect((await fetch(`${app.url}/live/desk/authors`)).status).toBe(401);
});

it("refuses the development login in production, unless it is meant", () => {
  const { status, stderr } = spawnSync(process.execPath, ["server/main.ts"], {
    cwd: root,
    env: { ...cleanEnv(), NODE_ENV: "production", PORT: "0", INKWIRE_JWT_SECRET: "x".repeat(32) },
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(status).toBe(1);
  expect(stderr).toContain("DEVELOPMENT_LOGIN=1");
});
