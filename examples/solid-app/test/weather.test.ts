import { launchChromium } from "@inkwire/test-browser";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp, type RunningApp } from "./support/app.ts";
import { beginBook, chapterOf, isLive, readable, signIn, statusOf } from "./support/reader.ts";

let browser: Browser;
let app: RunningApp;

beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startApp({ WORDS_PER_SECOND: "200" })]);
});
afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

const text = (page: Page) => page.locator("article .text");
const length = async (page: Page): Promise<number> => (await text(page).innerText()).length;

it("goes on with book and page after the server died in the middle, without a reload", async () => {
  await using ada = await signIn(browser, app, "Ada");
  const { page } = ada;
  const book = await beginBook(ada, "Interrupted");
  await page.goto(`${app.url}/books/${book}/2`);
  await expect.poll(() => length(page)).toBeGreaterThan(200);
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  await app.kill();
  const atDeath = await text(page).innerText();
  expect(atDeath.length).toBeGreaterThan(200);
  await app.start();
  await page.locator('article .text[aria-busy="false"]').waitFor();
  expect(readable(await text(page).innerText())).toBe(
    readable((await chapterOf(ada, book, 2)).text),
  );
  await expect.poll(() => statusOf(ada, book)).toBe("completed");
  await isLive(page);
  expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
});

it("says that it is offline, keeps what is there, and has all of it soon after", async () => {
  await using grace = await signIn(browser, app, "Grace");
  const { page, context } = grace;
  const book = await beginBook(grace, "In a Tunnel");
  await page.goto(`${app.url}/books/${book}/1`);
  await expect.poll(() => length(page)).toBeGreaterThan(200);
  await context.setOffline(true);
  await page.getByText("You are offline.").waitFor();
  expect(await length(page)).toBeGreaterThan(200);
  await context.setOffline(false);
  await page.getByText("You are offline.").waitFor({ state: "hidden" });
  await page.locator('article .text[aria-busy="false"]').waitFor();
  expect(readable(await text(page).innerText())).toBe(
    readable((await chapterOf(grace, book, 1)).text),
  );
});

it("fetches a token when one ends, unseen, and asks to sign in once the session itself is over", async () => {
  await app.kill();
  await app.start({ TOKEN_SECONDS: "3" });
  await using ida = await signIn(browser, app, "Ida");
  const { page, context } = ida;
  const tokens: string[] = [];
  const states = new Set<string | null>();
  page.on("request", (request) => {
    if (request.url().endsWith("/auth/token")) tokens.push(request.url());
  });
  const endsAt = Date.now() + 7_000;
  const book = await beginBook(ida, "Longer than a Token", { chapters: 9 });
  await page.goto(`${app.url}/books/${book}`);
  // On a busy machine a page takes its time: until it has outlived two tokens, whatever the clock says.
  while (Date.now() < endsAt || tokens.length <= 2) {
    states.add(await page.locator(".inkwire-status").getAttribute("data-status"));
    await page.waitForTimeout(100);
  }
  states.delete("connecting");
  expect([...states]).toEqual(["live"]);
  expect(tokens.length).toBeGreaterThan(2);
  expect(tokens.length).toBeLessThan(30);
  await page.getByText("Your book is ready").first().waitFor();
  expect(ida.problems).toEqual([]);

  await context.clearCookies();
  await page.getByLabel("Your name").waitFor();
  expect(await page.getByText("Longer than a Token").count()).toBe(0);
  // Back where they were.
  await page.getByLabel("Your name").fill("Ida");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Longer than a Token" }).waitFor();
});
