import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@inkwire/client";
import { expect, it } from "vitest";
import { launchChromium } from "@inkwire/test-browser";
import { startExample } from "./support/start-example.js";

const json = { "content-type": "application/json" };

// The examples import the built packages, as their readers would.
it("follows a job that is no book to its end", () => {
  const path = fileURLToPath(new URL("../../examples/follow-a-job/index.js", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toBe("queued 0 %");
  expect(lines.at(-1)).toBe("completed 100 %");
  const progress = lines.map((line) => Number(/ (\d+(?:\.\d+)?) %$/.exec(line)?.[1]));
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
});

it("names the examples when one is asked for that is not there", () => {
  for (const name of ["nowhere", "../scripts", ""]) {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/example.js", name], {
      encoding: "utf8",
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
    });
    expect(status).toBe(2);
    expect(stderr).toContain("embed-express, embed-hono, minimal");
  }
});

it("minimal: a page without a build writes a book, and a killed server loses not a character", async () => {
  const home = mkdtempSync(join(tmpdir(), "inkwire-minimal-"));
  const browser = await launchChromium();
  try {
    const first = await startExample("minimal", { INKWIRE_HOME: home });
    const { port } = new URL(first.url);
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(first.url);
    await page.getByRole("button", { name: "Write it" }).click();
    const texts = page.locator(".text");
    await expect
      .poll(async () => (await texts.allTextContents()).join("").length, { timeout: 20_000 })
      .toBeGreaterThan(200);
    expect(await page.locator("progress").getAttribute("value")).not.toBe("100");

    const second = await browser.newPage();
    await second.goto(page.url());
    expect(await first.stop("SIGKILL")).toBe(null);
    await using again = await startExample("minimal", { INKWIRE_HOME: home, PORT: port });
    const status = page.getByRole("status");
    await expect
      .poll(() => status.textContent(), { timeout: 60_000 })
      .toBe("The book is completed.");

    const token = await (await fetch(`${again.url}/token`)).text();
    const written = await Promise.all(
      [1, 2, 3].map(async (chapter) => {
        const answer = await fetch(`${again.url}/api/books/1/chapters/${chapter}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        return ((await answer.json()) as { text: string }).text;
      }),
    );
    expect(written.join("").length).toBeGreaterThan(2_000);
    await expect.poll(() => texts.allTextContents(), { timeout: 10_000 }).toEqual(written);
    await expect
      .poll(() => second.locator(".text").allTextContents(), { timeout: 10_000 })
      .toEqual(written);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}, 120_000);

it("minimal: keeps its server under forty lines, and serves no other file", async () => {
  const path = new URL("../../examples/minimal/server.js", import.meta.url);
  expect(readFileSync(path, "utf8").trimEnd().split("\n").length).toBeLessThan(40);
  const home = mkdtempSync(join(tmpdir(), "inkwire-minimal-"));
  try {
    await using example = await startExample("minimal", { INKWIRE_HOME: home });
    for (const path of [
      "/server.js",
      "/client/../package.json",
      "/client/%2e%2e/package.json",
      "/data/secret",
    ])
      expect((await fetch(example.url + path)).status, path).toBe(404);
    expect((await fetch(`${example.url}/client/index.js`)).headers.get("content-type")).toBe(
      "text/javascript",
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

it("embed-express: the application's sessions decide, over SSE and WebSocket, until the log-out", async () => {
  await using example = await startExample("embed-express");
  const { url } = example;
  const login = (body: unknown): Promise<Response> =>
    fetch(`${url}/login`, { method: "POST", headers: json, body: JSON.stringify(body) });
  for (const wrong of [
    {},
    { name: "ada", password: "x" },
    { name: "__proto__" },
    { name: ["ada"] },
  ])
    expect((await login(wrong)).status).toBe(401);

  const signedIn = await login({ name: "ada", password: "lovelace" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const token = await (await fetch(`${url}/live-token`, { headers: { cookie } })).text();
  expect(cookie).not.toContain(token);
  expect((await fetch(`${url}/live-token`)).status).toBe(401);
  expect((await fetch(`${url}/live/events`)).status).toBe(401);
  const stolen = cookie.replace("sid=", "Bearer ");
  expect((await fetch(`${url}/live/events`, { headers: { authorization: stolen } })).status).toBe(
    401,
  );
  const liveAsCookie = await fetch(`${url}/live-token`, { headers: { cookie: `sid=${token}` } });
  expect(liveAsCookie.status).toBe(401);

  for (const transport of ["sse", "websocket"] as const) {
    await using client = createClient({ url: `${url}/live`, token, transport });
    client.connect();
    await expect.poll(() => client.state.get().status).toBe("live");
    const told = client.once("notification");
    const ordered = await fetch(`${url}/orders`, {
      method: "POST",
      headers: { ...json, cookie },
      body: JSON.stringify({ item: "a chair" }),
    });
    expect(ordered.status).toBe(201);
    expect((await told).data).toMatchObject({
      title: "Ordered",
      message: "a chair is on its way.",
    });
  }

  await using client = createClient({ url: `${url}/live`, token, transport: "sse" });
  client.connect();
  await expect.poll(() => client.state.get().status).toBe("live");
  await fetch(`${url}/logout`, { method: "POST", headers: { cookie } });
  await expect.poll(() => client.state.get().status).toBe("unauthorized");
  expect((await fetch(`${url}/orders`, { method: "POST", headers: { cookie } })).status).toBe(401);
});

it("embed-express: passes no upgrade on that is not for /live/ws, and ends when it is asked to", async () => {
  await using example = await startExample("embed-express");
  for (const path of ["/ws", "/livestream/ws", "/orders"]) {
    const socket = new WebSocket(`${example.url.replace("http", "ws")}${path}`);
    await once(socket, "error");
  }
  expect(await example.stop("SIGTERM")).toBe(0);
});

it("embed-hono: its API keys decide, and a topic of the team reaches all of it", async () => {
  await using example = await startExample("embed-hono");
  const { url } = example;
  expect((await fetch(`${url}/reports`, { method: "POST" })).status).toBe(401);
  expect(
    (await fetch(`${url}/live/events`, { headers: { authorization: "Bearer nobody" } })).status,
  ).toBe(401);

  for (const transport of ["sse", "websocket"] as const) {
    await using ada = createClient({
      url: `${url}/live`,
      token: "key-of-ada-0001",
      transport,
      topics: ["team/blue"],
    });
    await using ben = createClient({ url: `${url}/live`, token: "key-of-ben-0002", transport });
    const seen: string[] = [];
    ada.on("notification", ({ data }) => seen.push(data.title));
    ada.connect();
    ben.connect();
    await expect
      .poll(() => [ada, ben].map((client) => client.state.get().status))
      .toEqual(["live", "live"]);
    const team = ada.once("system_notification");
    const own = ben.once("notification");
    const answer = await fetch(`${url}/reports`, {
      method: "POST",
      headers: { "x-api-key": "key-of-ben-0002" },
    });
    expect(answer.status).toBe(202);
    expect((await team).data.message).toBe("ben asked for one.");
    expect((await own).data.title).toBe("Report");
    // What is ben's stays ben's.
    expect(seen).toEqual([]);
  }
});
