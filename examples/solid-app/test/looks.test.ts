import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launchChromium } from "@inkwire/test-browser";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApp, type RunningApp } from "./support/app.ts";
import { walk } from "./support/keyboard.ts";
import { beginBook, isLive, signIn, type Person } from "./support/reader.ts";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let app: RunningApp;
let ada: Person;

beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startApp({ WORDS_PER_SECOND: "150" })]);
  ada = await signIn(browser, app, "Ada");
});
afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
});

/** What axe has against the page in either light, and whether it is wider than its window. */
async function faults(page: Page): Promise<string[]> {
  const found: string[] = [];
  // Not added as a script: the app's own policy refuses that.
  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // What is another in the dark is the colours.
    const options = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
    const { violations } = await page.evaluate(
      (options) =>
        (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(
          options,
        ),
      options,
    );
    for (const { id, nodes } of violations)
      found.push(
        ...nodes.map(
          ({ html, failureSummary }) => `${colorScheme} ${id} ${html} ${failureSummary}`,
        ),
      );
  }
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (tooWide > 0) found.push(`${tooWide} px too wide`);
  return found;
}

const title = "Many Words and a Very Long Title That Has to Break Somewhere";

/** How to get to each page, with a book that is being written at first, and perhaps done in the end. */
const pages: Readonly<Record<string, (page: Page, book: number) => Promise<void>>> = {
  async "a book"(page, book) {
    await page.goto(`${app.url}/books/${book}`);
    await page.locator(".contents a").first().waitFor();
  },
  async "the desk"(page) {
    await page.goto(`${app.url}/`);
    await page.getByRole("main").getByText("Many Words").first().waitFor();
  },
  async "the reader with its contents"(page, book) {
    await page.goto(`${app.url}/books/${book}/1`);
    await page.locator("article .text > :nth-child(4)").waitFor();
    await page.locator(".toc summary").press("Enter");
  },
  async "the form with a mistake"(page) {
    await page.goto(`${app.url}/new`);
    // By a key: on a phone a toast may lie over the button until it is read.
    await page.getByLabel("Title").press("Enter");
    await page.getByText("A book needs a title.").waitFor();
  },
  async "the books"(page) {
    await page.goto(`${app.url}/books`);
    await page.getByRole("main").getByText("Many Words").first().waitFor();
  },
  async "the inbox with the menu"(page) {
    await page.goto(`${app.url}/inbox`);
    await page.getByRole("main").getByRole("heading", { name: "Welcome" }).waitFor();
    await page.getByRole("button", { name: "Reading and account" }).click();
  },
  async "no page, below the notifications"(page) {
    await page.goto(`${app.url}/nowhere`);
    await page.getByText("This page is missing").waitFor();
    await page.getByRole("button", { name: /^Notifications/ }).press("Enter");
    await page.getByRole("region", { name: "Notifications" }).getByText("Welcome").waitFor();
  },
  async "a question"(page, book) {
    await page.goto(`${app.url}/books/${book}`);
    const ask = page.getByRole("main").getByRole("button", { name: /^(Cancel|Delete)$/ });
    await ask.first().click();
  },
  async "signing in"(page) {
    await page.context().clearCookies();
    await page.goto(app.url);
    await page.getByLabel("Your name").waitFor();
  },
};

let book: number | undefined;

it.each(Object.keys(pages))(
  "gives axe nothing to find, in light and dark, fits 360 px, and is walked by Tab both ways: %s",
  async (name) => {
    await using person = name === "signing in" ? await signIn(browser, app, "Eve") : undefined;
    const { page } = person ?? ada;
    book ??= await beginBook(ada, title, { chapters: 6 });
    await page.setViewportSize({ width: 360, height: 800 });
    await pages[name]?.(page, book);
    expect(await faults(page)).toEqual([]);
    const there = await walk(page, "Tab");
    expect(there.faults).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await wide(page)).toEqual([]);
    const back = await walk(page, "Shift+Tab");
    expect(back.faults).toEqual([]);
    // What asks keeps the focus to itself; all else lets it go round.
    if (name === "a question") expect([there.names.length, back.names.length]).toEqual([2, 2]);
  },
);

/** The wide layout has the same colours and names: whether it fits is what is left to ask. */
async function wide(page: Page): Promise<string[]> {
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return tooWide > 0 ? [`${tooWide} px too wide`] : [];
}

it("moves nothing on the page while text streams, followed or not", async () => {
  await using grace = await signIn(browser, app, "Grace");
  const { page } = grace;
  await page.addInitScript(() => {
    const shifts: unknown[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[]) {
        // Toasts lie over the page and move nothing of it.
        const nodes = entry.sources.map(({ node }) => node as Element | null);
        const isToast = nodes.some((node) =>
          node?.matches?.(".inkwire-toaster, .inkwire-toaster *"),
        );
        if (entry.hadRecentInput || isToast) continue;
        shifts.push([
          entry.value,
          entry.startTime,
          ...nodes.map((node) => (node?.outerHTML ?? node?.textContent)?.slice(0, 200)),
        ]);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const book = await beginBook(grace, "Still", { chapters: 3 });
  await page.goto(`${app.url}/books/${book}/1`);
  await isLive(page);
  await page.locator("article .text > :nth-child(2)").waitFor();
  const moved = async (): Promise<Move[]> =>
    page.evaluate(() => (window as unknown as { shifts: Move[] }).shifts.splice(0));
  // Until the page is full, the end goes down with the text.
  const fullAt = await momentOf(page, () => scrollY > 0);
  await page.waitForFunction(() => scrollY > 200);
  const followed = (await moved()).filter(([, at]) => at > fullAt);
  await page.mouse.wheel(0, -150);
  await page.getByRole("button", { name: "Jump to the end" }).waitFor();
  // Until it is out of sight, the end goes away from who lets it go.
  const goneAt = await momentOf(
    page,
    () => (document.querySelector(".end")?.getBoundingClientRect().top ?? 0) > innerHeight,
  );
  await page.waitForTimeout(1_000);
  const after = (await moved()).filter(([, at]) => at > goneAt);
  const shifts = [...followed, ...after];
  // A twentieth of what counts as good (0.1): a table may settle by a hair when its first row comes.
  expect(
    shifts.reduce((sum, [value]) => sum + value, 0),
    JSON.stringify(shifts),
  ).toBeLessThan(0.005);
});

/** When something had become true, by the clock of the page, and was painted. */
async function momentOf(page: Page, isTrue: () => boolean): Promise<number> {
  await page.waitForFunction(isTrue);
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
      }),
  );
}

/** How far, when, and what. */
type Move = [value: number, at: number, ...nodes: string[]];

interface Shift {
  readonly value: number;
  readonly startTime: number;
  readonly hadRecentInput: boolean;
  readonly sources: ReadonlyArray<{ readonly node: Node | null }>;
}
