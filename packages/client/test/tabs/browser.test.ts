import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createTokenIssuer } from "@inkwire/core";
import { createInkwire, type Inkwire } from "@inkwire/core/server";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchChromium } from "@inkwire/test-browser";
import { until } from "../support/harness.js";

const secret = "a secret of the tests, which is long enough";
const issuer = createTokenIssuer({ secret });
let browser: Browser;
let script: string;
let inkwire: Inkwire;
let server: Server;
let origin: string;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchChromium();
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../support/tab-page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    conditions: ["inkwire-src"],
  });
  script = outputFiles[0]?.text ?? "";
}, 60_000);

afterAll(() => browser?.close());

beforeEach(async () => {
  inkwire = await createInkwire({ auth: { secret }, rateLimits: null, welcome: null });
  // One origin, as an application has it; HTTP/1.1, where a browser opens six connections and no more.
  server = createServer((request, response) => {
    if (request.url?.startsWith("/tab") === true) {
      response.setHeader("content-type", "text/html").end("<script src=/script.js></script>");
    } else if (request.url === "/script.js") {
      response.setHeader("content-type", "text/javascript").end(script);
    } else inkwire.listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  await inkwire.close();
  server.closeAllConnections();
  server.close();
});

async function openTab(userId = "ada"): Promise<Page> {
  const page = await context.newPage();
  const token = await issuer.issue({ userId });
  await page.goto(`${origin}/tab#${token}`);
  await page.waitForFunction(() => window.tab.client.state.get().status === "live");
  return page;
}

let published = 0;
async function tell(userId = "ada"): Promise<void> {
  published += 1;
  const id = String(published);
  await inkwire.bus.publish(`user/${userId}`, "notification", {
    id,
    title: "t",
    message: "m",
    type: "error",
  });
}

const heard = (page: Page): Promise<string[]> => page.evaluate(() => window.tab.heard);
const hasConnection = (page: Page): Promise<boolean> => page.evaluate(() => window.tab.streams > 0);
async function findLeader(pages: readonly Page[]): Promise<Page> {
  for (const page of pages) if (await hasConnection(page)) return page;
  throw new Error("No tab has the connection");
}
const connections = (): number => inkwire.connections.of("ada").length;

it("has one connection for eight tabs, and requests still get through", async () => {
  const pages = [];
  for (let i = 0; i < 8; i += 1) pages.push(await openTab());
  expect(connections()).toBe(1);
  const from = published;
  for (let i = 0; i < 20; i += 1) await tell();
  const wanted = Array.from({ length: 20 }, (_, i) => String(from + i + 1));
  for (const page of pages) {
    await page.waitForFunction((count) => window.tab.heard.length >= count, 20);
    expect(await heard(page)).toEqual(wanted);
    expect(
      await page.evaluate(async () => (await window.tab.client.request("health")).status),
    ).toBe(200);
  }
  // Each is shown in one tab, of all that are visible.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const shown = await Promise.all(pages.map((page) => page.evaluate(() => window.tab.shown())));
  expect(shown.flat().sort()).toEqual(wanted.toSorted());
}, 60_000);

it("hands over when the tab that has the connection closes, and loses nothing", async () => {
  const pages = [await openTab(), await openTab(), await openTab()];
  const from = published;
  const leader = await findLeader(pages);
  const others = pages.filter((page) => page !== leader);
  const stop = new AbortController();
  const telling = (async () => {
    while (!stop.signal.aborted) {
      await tell();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const closedAt = Date.now();
  await leader.close({ runBeforeUnload: false });
  await until(
    () =>
      connections() === 1 &&
      inkwire.connections.of("ada").every(({ openedAt }) => openedAt >= closedAt),
  );
  const tookMs = Date.now() - closedAt;
  console.log(`handed over in ${tookMs} ms, closing the tab included`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  stop.abort();
  await telling;
  const wanted = Array.from({ length: published - from }, (_, i) => String(from + i + 1));
  for (const page of others) {
    await page.waitForFunction((count) => window.tab.heard.length >= count, wanted.length);
    expect(await heard(page)).toEqual(wanted);
  }
}, 60_000);

it("takes the connection from a tab whose script stands still", async () => {
  const pages = [await openTab(), await openTab()];
  const from = published;
  const leader = await findLeader(pages);
  const other = pages.find((page) => page !== leader);
  const session = await context.newCDPSession(leader);
  await session.send("Debugger.enable");
  await session.send("Debugger.pause");
  // It stops at the next statement that runs: what arrives now.
  await tell();
  await other?.waitForFunction((count) => window.tab.heard.length >= count, published - from);
  await session.send("Debugger.resume").catch(() => undefined);
  await session.detach();
  await until(() => connections() === 1, "one connection");
  await tell();
  for (const page of pages) {
    await page.waitForFunction((count) => window.tab.heard.length >= count, published - from);
    expect(await heard(page)).toEqual([String(from + 1), String(from + 2)]);
  }
}, 60_000);

it("never shares between two users", async () => {
  const [ada, bob] = [await openTab("ada"), await openTab("bob")];
  expect(connections()).toBe(1);
  expect(inkwire.connections.of("bob")).toHaveLength(1);
  await tell("bob");
  await tell("ada");
  await bob.waitForFunction(() => window.tab.heard.length === 1);
  await ada.waitForFunction(() => window.tab.heard.length === 1);
  expect([await heard(ada), await heard(bob)]).toEqual([
    [String(published)],
    [String(published - 1)],
  ]);
}, 60_000);
