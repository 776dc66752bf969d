import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import { launchChromium } from "@inkwire/test-browser";
import { documents, names } from "./documents.js";

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "inkwire-html-"));
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the exported page and gives back every address that it asked for, and everything it complained about. */
async function open(
  name: keyof typeof documents,
  width = 1_000,
): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const html = await exporterFor("html");
  const file = path.join(folder, `${name}.html`);
  await writeFile(file, await html.export(documents[name]));
  const page = await browser.newPage({ viewport: { width, height: 740 } });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("dialog", (dialog) => void complaints.push(dialog.message()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, requests, complaints };
}

describe("the HTML page in Chromium", () => {
  it.each(["plain", "hostile", "pictures"] as const)(
    "runs no script and asks for nothing but itself: %s",
    async (name) => {
      const { page, requests, complaints } = await open(name);
      expect(requests.filter((url) => !url.startsWith("data:"))).toEqual([page.url()]);
      expect(complaints).toEqual([]);
      expect(await page.locator("script, iframe, object, embed, form").count()).toBe(0);
      await page.close();
    },
  );

  it("forbids a script that somebody puts into it later, and its style applies all the same", async () => {
    const { page } = await open("plain");
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'ran'";
      document.body.append(script);
      return document.title;
    });
    expect(ran).toBe(documents.plain.title);
    expect(await page.evaluate(() => getComputedStyle(document.body).margin)).toBe("0px");
    await page.close();
  });

  it("shows its pictures", async () => {
    const { page } = await open("plain");
    const widths = await page
      .locator("img")
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(widths).toEqual([80, 1, 1]);
    await page.close();
  });

  it("goes where its contents and its links point", async () => {
    const { page } = await open("plain");
    await page.locator("nav a", { hasText: "High Water" }).click();
    expect(await page.evaluate(() => document.querySelector(":target")?.id)).toBe("chapter-2");
    expect(
      await page.evaluate(() =>
        Math.round(document.querySelector(":target")?.getBoundingClientRect().top ?? -1),
      ),
    ).toBeLessThan(740);
    await page.locator("a", { hasText: "the harbour" }).click();
    expect(await page.evaluate(() => document.querySelector(":target")?.textContent)).toBe(
      "The harbour",
    );
    const broken = await page
      .locator('a[href^="#"]')
      .evaluateAll((links) =>
        links
          .map((link) => decodeURIComponent((link as HTMLAnchorElement).hash.slice(1)))
          .filter((id) => document.getElementById(id) === null),
      );
    expect(broken).toEqual([]);
    await page.close();
  });

  it.each(names)("needs no sideways scrolling on a small phone: %s", async (name) => {
    const { page } = await open(name, 360);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.close();
  });

  it("is dark where the reader's system is", async () => {
    const { page } = await open("plain");
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await paper()).toBe("rgb(251, 248, 241)");
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await paper()).toBe("rgb(22, 21, 26)");
    await page.close();
  });
});
