import { launchChromium } from "@inkwire/test-browser";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundlePage, importForServer } from "./bundle.js";
import { openSite, type Site } from "./site.js";

let browser: Browser;
let site: Site;
let html: string;

beforeAll(async () => {
  const [page, script] = await Promise.all([importForServer("hydrated"), bundlePage("hydrated")]);
  html = (page["html"] as () => string)();
  site = await openSite({ script, html, head: (page["head"] as () => string)() });
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

it("renders on a server what is there before anything is known", () => {
  expect(html).toContain("Connecting…");
  expect(html).toContain("The Tides of Brittany");
  expect(html).toMatch(/role="alert"[^>]*><\/div>/);
});

it("is taken over by a browser: the same elements, without a complaint, and then live", async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.addInitScript(() => {
    document.addEventListener("readystatechange", () => {
      // Before modules run.
      if (document.readyState !== "interactive") return;
      const rendered = [...document.querySelectorAll("#app *")];
      Object.assign(globalThis, { rendered });
    });
  });
  await page.goto(site.url);
  await page.locator("#state", { hasText: "live" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  const { length, lost } = await page.evaluate(() => {
    const { rendered } = globalThis as unknown as { rendered: Element[] };
    return {
      length: rendered.length,
      lost: rendered.filter((one) => !one.isConnected).map(({ outerHTML }) => outerHTML),
    };
  });
  expect(length).toBeGreaterThan(15);
  expect(lost).toEqual([]);
  // Books are not served here, and the page says so.
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  await page.close();
});
