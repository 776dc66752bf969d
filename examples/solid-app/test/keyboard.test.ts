import { launchChromium } from "@inkwire/test-browser";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp, type RunningApp } from "./support/app.ts";
import { listen, urgencies } from "./support/hearing.ts";
import { hasFocus, press } from "./support/keyboard.ts";
import {
  beginBook,
  chapterOf,
  isLive,
  signIn,
  statusOf,
  visit,
  type Person,
} from "./support/reader.ts";

let browser: Browser;
let app: RunningApp;

beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startApp({ WORDS_PER_SECOND: "220" })]);
});
afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

const focusedTag = (page: Page) => page.evaluate(() => document.activeElement?.tagName);
const button = (page: Page, name: string | RegExp) =>
  page.getByRole("main").getByRole("button", { name, exact: typeof name === "string" });
const CHAPTERS = 4;
const textsOf = async (person: Person, book: number, chapters = CHAPTERS): Promise<string[]> =>
  Promise.all(
    Array.from({ length: chapters }, async (_, i) => (await chapterOf(person, book, i + 1)).text),
  );

it("begins, pauses, continues and deletes a book by the keyboard alone, in two tabs, and says no more of it than is worth it", async () => {
  await using ada = await visit(browser, app);
  await using twin = await signIn(browser, app, "Twin");
  const heard = await listen(ada.context);
  const { page } = ada;
  await page.goto(app.url);
  await press(page.getByLabel("Your name"), "A");
  await page.keyboard.type("da");
  await page.keyboard.press("Enter");
  await isLive(page);
  await expect.poll(() => focusedTag(page)).toBe("H1");

  await press(page.getByRole("link", { name: "New book" }), "Enter");
  await press(page.getByLabel("Title"), "S");
  await page.keyboard.type("topped in the Middle");
  for (const [field, value] of [
    ["Chapters", `${CHAPTERS}`],
    ["Words in all", "4000"],
  ] as const) {
    await press(page.getByLabel(field), "Control+a");
    await page.keyboard.type(value);
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/books\/\d+$/);
  const book = Number(/\d+$/.exec(page.url())?.[0]);
  const same = await beginBook(twin, "Stopped in the Middle", {
    chapters: CHAPTERS,
    words: 4_000,
  });
  await expect
    .poll(async () => (await textsOf(ada, book, 3)).every((text) => text.length > 300))
    .toBe(true);

  await press(button(page, "Pause"), "Enter");
  await button(page, "Go on writing").waitFor();
  // It is the same button: whoever has changed their mind presses it again.
  expect(await hasFocus(button(page, "Go on writing"))).toBe(true);
  await expect
    .poll(async () => (await ada.api<{ stopped: boolean }>(`api/books/${book}`)).stopped)
    .toBe(true);
  const atPause = await textsOf(ada, book);
  const list = await ada.tab("/books");
  const row = list.getByRole("main").getByRole("listitem");
  await row.getByText("Paused").waitFor();
  await page.reload();
  await page.getByRole("main").getByText("Paused").first().waitFor();
  await press(
    page
      .getByRole("link", { name: "Read along" })
      .or(page.getByRole("link", { name: "Read", exact: true })),
    "Enter",
  );
  await page.locator("article .text > p").first().waitFor();
  await press(row.getByRole("link"), "Enter");
  await button(list, "Go on writing").waitFor();
  expect(await textsOf(ada, book)).toEqual(atPause);
  await press(button(list, "Go on writing"), "Enter");
  await expect.poll(() => statusOf(ada, book), { timeout: 60_000 }).toBe("completed");
  await expect.poll(() => statusOf(twin, same), { timeout: 60_000 }).toBe("completed");
  // Nothing was begun anew, and nothing is missing: it is what it would have been without the pause.
  const texts = await textsOf(ada, book);
  expect(texts.every((text, i) => text.startsWith(atPause[i] ?? "?"))).toBe(true);
  expect(texts).toEqual(await textsOf(twin, same));
  await page.locator('article .text[aria-busy="false"]').waitFor();

  for (const one of [page, list]) {
    // Nothing interrupts but errors, and of all the text nothing is read out by itself.
    expect(new Set(await urgencies(one))).toEqual(new Set(["status: polite", "alert: assertive"]));
    const said = await heard(one);
    expect(said.length, said.join("\n")).toBeLessThan(12);
    expect(said.filter((text) => text.length > 100)).toEqual([]);
  }
  const toldByAll = [...(await heard(page)), ...(await heard(list))];
  const ends = toldByAll.filter((text) => /is complete|Finished/.test(text));
  expect(ends, toldByAll.join("\n")).toHaveLength(1);

  await press(page.getByRole("link", { name: "Inbox" }), "Enter");
  await expect.poll(() => focusedTag(page)).toBe("H1");
  await press(button(page, /^Mark as read.*ready/), "Enter");
  const removeReady = button(page, /^Remove.*ready/);
  await expect.poll(() => hasFocus(removeReady)).toBe(true);
  await page.keyboard.press("Enter");
  await expect.poll(() => removeReady.count()).toBe(0);
  expect(await hasFocus(button(page, /^Remove/).last())).toBe(true);
  await press(button(page, "Mark all as read"), "Enter");
  await expect.poll(() => hasFocus(page.getByRole("heading", { name: "Messages" }))).toBe(true);

  await press(list.getByRole("button", { name: "Delete" }), "Enter");
  await expect.poll(() => hasFocus(button(list, "Keep it"))).toBe(true);
  await list.keyboard.press("Escape");
  expect(await hasFocus(button(list, "Delete"))).toBe(true);
  await list.keyboard.press("Enter");
  await press(button(list, "Delete the book"), "Enter");
  await list.waitForURL(/\/books$/);
  await expect.poll(() => focusedTag(list)).toBe("H1");
  expect(ada.problems).toEqual([]);
}, 120_000);

it("is read and left by the keyboard alone", async () => {
  await using ada = await signIn(browser, app, "Ada");
  const { page } = ada;
  await page.goto(`${app.url}/`);
  await isLive(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  const menu = page.getByRole("button", { name: "Reading and account" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  const look = () => page.evaluate(() => ({ ...document.documentElement.dataset }));
  expect(await look()).toMatchObject({ theme: "dark", size: "large" });
  await page.keyboard.press("Escape");
  expect(await menu.evaluate((button) => button === document.activeElement)).toBe(true);
  // It holds, from before the first paint on.
  await page.reload({ waitUntil: "commit" });
  await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
  expect(await look()).toMatchObject({ theme: "dark", size: "large" });
  // Out, and in again: each time the focus is where the page begins.
  await press(menu, "Enter");
  await press(page.getByRole("button", { name: "Sign out" }), "Enter");
  await page.getByLabel("Your name").waitFor();
  await expect.poll(() => focusedTag(page)).toBe("H1");
  await press(page.getByLabel("Your name"), "G");
  await page.keyboard.press("Enter");
  await isLive(page);
  await expect.poll(() => focusedTag(page)).toBe("H1");
});
