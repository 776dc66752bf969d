import { launchChromium } from "@inkwire/test-browser";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp, type RunningApp } from "./support/app.ts";
import { beginBook, chapterOf, isLive, readable, signIn, visit } from "./support/reader.ts";

let browser: Browser;
let app: RunningApp;

beforeAll(async () => {
  // With a key there is an author who costs something; nobody asks it to write.
  const env = { WORDS_PER_SECOND: "110", OPENAI_API_KEY: "sk-of-nobody" };
  [browser, app] = await Promise.all([launchChromium(), startApp(env)]);
});
afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

const path = (page: Page): string => new URL(page.url()).pathname;
const textOf = (page: Page): Promise<string> => page.locator("article .text").innerText();
const isFinished = (page: Page): Promise<void> =>
  page.locator('article .text[aria-busy="false"]:not(:empty)').waitFor();

it("goes from an empty form over every step of the writing and the toast to the book", async () => {
  await using ada = await visit(browser, app);
  const { page } = ada;
  await page.goto(app.url);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByRole("button", { name: "Sign in" }).click();
  await isLive(page);
  await page.getByRole("navigation", { name: "Pages" }).getByText("New book").click();
  // The focus is where the page begins, for those who don't see that it is another.
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");

  const begin = page.getByRole("button", { name: "Begin writing" });
  await begin.click();
  const title = page.getByLabel("Title");
  expect(await title.getAttribute("aria-invalid")).toBe("true");
  expect(await title.evaluate((field) => field === document.activeElement)).toBe(true);
  await expect.poll(() => page.getByText("A book needs a title.").count()).toBe(1);
  await title.fill("The Tides of Brittany");
  await page.getByLabel("Chapters").fill("0");
  await begin.click();
  expect(await page.getByLabel("Chapters").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("Chapters").fill("3");
  await page.getByLabel("Words in all").fill("1500");
  // What it would take changes with what is asked for.
  await page.getByText("US dollars").waitFor();
  await page.getByLabel("Author").selectOption("offline");
  await page.getByText("Costs nothing").waitFor();
  await begin.click();

  await page.waitForURL(/\/books\/\d+$/);
  const bar = page.getByRole("main").getByRole("progressbar");
  await expect.poll(async () => Number(await bar.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
  await expect.poll(() => page.locator('.contents [data-state="writing"]').count()).toBe(3);
  const toast = page.locator(".inkwire-toast", { hasText: "Your book is ready" });
  await toast.waitFor();
  await expect.poll(() => page.locator('.contents [data-state="done"]').count()).toBe(3);

  // From wherever one is.
  await page.getByRole("navigation", { name: "Pages" }).getByText("Inbox").click();
  await page.getByRole("heading", { name: "Your book is ready" }).waitFor();
  await toast.getByRole("link").click();
  await page.waitForURL(/\/books\/\d+$/);
  await page.getByRole("main").getByRole("link", { name: "Read", exact: true }).click();
  await isFinished(page);
  expect(path(page)).toMatch(/^\/books\/\d+\/1$/);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  const book = Number(/\d+/.exec(path(page))?.[0]);
  expect(readable(await textOf(page))).toBe(readable((await chapterOf(ada, book, 1)).text));

  await page.goBack();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "EPUB" }).click();
  expect((await downloading).suggestedFilename()).toBe("the-tides-of-brittany.epub");
  expect(ada.problems).toEqual([]);
});

it("shows a book to all tabs and devices of its owner, and nothing of it to anybody else", async () => {
  await using grace = await signIn(browser, app, "Grace");
  await using eve = await signIn(browser, app, "Eve");
  await using away = await signIn(browser, app, "Grace");
  await Promise.all([grace, away].map(({ page }) => page.goto(app.url)));
  const [list, desk] = [await grace.tab("/books"), away.page];
  await list.getByText("There is no book yet.").waitFor();
  await eve.page.goto(`${app.url}/books`);
  await eve.page.getByText("There is no book yet.").waitFor();

  const book = await beginBook(grace, "A Secret of Grace's", { chapters: 9 });
  const row = list.getByRole("main").getByRole("listitem").filter({ hasText: "A Secret" });
  await row.getByText(/\d %/).waitFor();
  for (const page of [desk, grace.page])
    await page.getByRole("main").getByRole("link", { name: "A Secret of Grace's" }).first().click();

  // What one does on one device shows on the other.
  const stop = async (): Promise<void> => {
    await desk.getByRole("button", { name: "Cancel" }).click();
    await desk.getByRole("button", { name: "Stop writing" }).click();
    await row.getByText("Cancelled").waitFor();
  };
  await stop();
  await desk.getByRole("button", { name: "Go on writing" }).click();
  await row.getByText(/Being written|Waiting/).waitFor();
  await stop();

  await eve.page.getByText("There is no book yet.").waitFor();
  expect(await eve.page.locator(".inkwire-toast", { hasText: "Secret" }).count()).toBe(0);
  for (const address of [`/books/${book}`, `/books/${book}/1`]) {
    await eve.page.goto(`${app.url}${address}`);
    await eve.page.getByText("There is no such book on your shelf.").first().waitFor();
    expect(await eve.page.getByText("Secret").count()).toBe(0);
  }
  expect(await eve.api("api/books")).toEqual({ books: [] });

  // Deleted on one device, gone from the other.
  await grace.page.getByRole("heading", { name: "A Secret of Grace's" }).waitFor();
  const ask = desk.getByRole("button", { name: "Delete" });
  await ask.click();
  await desk.getByRole("dialog").waitFor();
  await desk.keyboard.press("Escape");
  expect(await ask.evaluate((button) => button === document.activeElement)).toBe(true);
  await ask.click();
  await desk.getByRole("button", { name: "Delete the book" }).click();
  await list.getByText("There is no book yet.").waitFor();
  await grace.page.getByText("There is no such book on your shelf.").waitFor();
  expect(await grace.page.getByText("Secret").count()).toBe(0);
  expect([...grace.problems, ...away.problems, ...eve.problems]).toEqual([]);
});

it("shows who comes late the text of who was there from the start, to the character", async () => {
  await using ida = await signIn(browser, app, "Ida");
  // Long enough that whoever comes late does so while it is written, however busy the machine is.
  const book = await beginBook(ida, "Slowly", { chapters: 1, words: 2_000 });
  const late = await ida.tab(`/books/${book}`);
  await ida.page.goto(`${app.url}/books/${book}/1`);
  await expect.poll(async () => (await textOf(ida.page)).length).toBeGreaterThan(300);
  await late.locator(".contents a").first().click();
  await late.waitForFunction(
    () => (document.querySelector<HTMLElement>("article .text")?.innerText.length ?? 0) > 300,
  );
  const early = await textOf(late);
  await Promise.all([isFinished(ida.page), isFinished(late)]);

  const written = await textOf(ida.page);
  expect(early.length).toBeLessThan(written.length);
  expect(await textOf(late)).toBe(written);
  const { text, done } = await chapterOf(ida, book, 1);
  expect(done).toBe(true);
  expect(readable(written)).toBe(readable(text));
  await late.reload();
  await isFinished(late);
  expect(await textOf(late)).toBe(written);
});

it("follows the pen until the reader scrolls up, and keeps the place over a reload", async () => {
  await using eda = await signIn(browser, app, "Eda");
  const { page } = eda;
  const book = await beginBook(eda, "Followed", { chapters: 4 });
  await page.goto(`${app.url}/books/${book}/1`);
  await page.waitForFunction(() => scrollY > 300);
  const jump = page.getByRole("button", { name: "Jump to the end" });
  expect(await jump.count()).toBe(0);
  await page.mouse.wheel(0, -400);
  await jump.waitFor();
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  const [place, tall] = [await page.evaluate(() => scrollY), await height()];
  await expect.poll(height).toBeGreaterThan(tall);
  expect(await page.evaluate(() => scrollY)).toBe(place);
  await jump.click();
  await page.waitForFunction((place) => scrollY > place + 100, place);
  await isFinished(page);

  await page.evaluate(() => scrollTo(0, 700));
  const top = (): Promise<string> =>
    page.evaluate(() => {
      const blocks = [...(document.querySelector("article .text")?.children ?? [])];
      return blocks.find((one) => one.getBoundingClientRect().bottom > 0)?.textContent ?? "";
    });
  const before = await top();
  await page.waitForTimeout(400);
  await page.reload();
  await isFinished(page);
  await expect.poll(top).toBe(before);
  // And where there is more room for less text.
  await page.goto("about:blank");
  await page.setViewportSize({ width: 400, height: 700 });
  await page.goto(`${app.url}/books/${book}/1`);
  await isFinished(page);
  await expect.poll(top).toBe(before);
});
