import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@inkwire/test-browser";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type * as client from "../../src/index.js";
import { createFakeToken, createFaultServer, type FaultServer } from "../../src/testing/index.js";
import { publish, range, until } from "../support/harness.js";

declare global {
  interface Window {
    readonly inkwire: typeof client;
    heard: number[];
  }
}

let browser: Browser;
let site: Server;
let origin: string;
let messages: FaultServer;
let page: Page;

async function bundle(file: string, globalName?: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    conditions: ["inkwire-src"],
    ...(globalName === undefined ? {} : { globalName }),
  });
  return outputFiles[0]?.text ?? "";
}

beforeAll(async () => {
  browser = await launchChromium();
  const scripts: Readonly<Record<string, string>> = {
    "/client.js": await bundle("../../src/index.ts", "inkwire"),
    "/worker.js": await bundle("pages/worker.ts"),
  };
  // The page is of another origin than the messages; below `/live` they are of its own, as behind a proxy.
  site = createServer((request, response) => {
    const { url = "", method, headers } = request;
    const script = scripts[url];
    if (url.startsWith("/live/")) {
      const target = `${messages.url}${url.slice("/live".length)}`;
      const onward = httpRequest(target, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      });
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      onward.end();
    } else if (script === undefined) {
      response.setHeader("content-type", "text/html").end("<script src=/client.js></script>");
    } else response.setHeader("content-type", "text/javascript").end(script);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
});

beforeEach(async () => {
  messages = await createFaultServer({ seed: 5, faults: { split: 0.3, duplicate: 0.05 } });
  page = await browser.newPage();
  await page.goto(origin);
});

afterEach(async () => {
  await page.close();
  await messages.close();
});

/** The code of the error with which the first attempt ends. */
const firstError = (url: string): Promise<string | undefined> =>
  page.evaluate(
    ([url, token]) =>
      new Promise<string | undefined>((resolve) => {
        const made = window.inkwire.createClient({ url, token, transport: "sse", tabs: false });
        made.state.subscribe(({ status, error }) => {
          if (status !== "waiting") return;
          resolve(error?.code);
          made.close();
        });
        made.connect();
      }),
    [url, createFakeToken("1")] as const,
  );

it("tells a server that does not let the page read it from one that is not there", async () => {
  expect(await firstError(messages.url)).toBe("cors_refused");
  await messages.close();
  expect(await firstError(messages.url)).toBe("server_unreachable");
  // Of its own origin there is nothing to refuse.
  expect(await firstError(`${origin}/live`)).toBe("server_unreachable");
}, 30_000);

it("tells the page what a handler threw, as an uncaught exception would be told, and goes on", async () => {
  const told = page.evaluate(
    ([url, token]) =>
      new Promise<[string, string]>((resolve) => {
        const made = window.inkwire.createClient({ url, token, tabs: false });
        const stop = made.on("notification", ({ data }) => {
          stop();
          throw new Error(data.id);
        });
        let code = "";
        addEventListener("error", ({ error }) => {
          code = (error as { code: string }).code;
          made.on("notification", ({ data }) => {
            resolve([code, data.id]);
            made.close();
          });
        });
        made.connect();
      }),
    [`${origin}/live`, createFakeToken("1")] as const,
  );
  await until(() => messages.connections > 0, "a connection");
  publish(messages, 1, 2);
  expect(await told).toEqual(["handler_failed", "2"]);
});

it.each(["sse", "websocket"] as const)(
  "hears everything once in a worker, over %s",
  async (transport) => {
    const url = transport === "sse" ? `${origin}/live` : messages.url;
    await page.evaluate(
      (order) => {
        window.heard = [];
        const worker = new Worker("/worker.js");
        worker.addEventListener("message", ({ data }) => window.heard.push(data as number));
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
        worker.postMessage(order);
      },
      { url, token: createFakeToken("1"), transport },
    );
    await until(() => messages.connections > 0, "a connection");
    for (let from = 1; from <= 200; from += 20) {
      publish(messages, from, from + 19);
      await messages.flush();
      // Who has heard nothing yet has no place to come back to.
      if (from === 1) await page.waitForFunction(() => window.heard.length >= 20);
      if (from % 60 === 1) messages.cut();
    }
    await page.waitForFunction(() => window.heard.length >= 200);
    expect(await page.evaluate(() => window.heard)).toEqual(range(1, 200));
    expect(messages.requests.length).toBeGreaterThan(1);
  },
  60_000,
);
