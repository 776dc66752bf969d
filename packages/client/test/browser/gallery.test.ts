import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { launchChromium } from "@inkwire/test-browser";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundlePage } from "./bundle.js";
import { openSite, type Site } from "./site.js";

let browser: Browser;
let site: Site;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Where pictures of the components go, to be looked at; nowhere by default. */
const shots = process.env["INKWIRE_SHOTS"];

beforeAll(async () => {
  [browser, site] = await Promise.all([
    launchChromium(),
    bundlePage("gallery").then((script) => openSite({ script })),
  ]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

async function open(
  scheme: "light" | "dark",
  width = 1_000,
  reducedMotion: "reduce" | "no-preference" = "reduce",
): Promise<Page> {
  const context = await browser.newContext({
    colorScheme: scheme,
    reducedMotion,
    viewport: { width, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => expect.unreachable(error.message));
  await page.goto(site.url);
  await page.getByText("1,240 of 2,500 words").waitFor();
  await page.getByText("This could not be loaded").waitFor();
  return page;
}

const bell = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function look(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

/** What axe has against the page, or a part of it. */
async function problems(page: Page, part = "html"): Promise<string[]> {
  const { violations } = await page.evaluate(async (within) => {
    const { axe } = globalThis as unknown as { axe: { run(within: string): Promise<AxeResults> } };
    return axe.run(within);
  }, part);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

it.each([
  ["light", 1_000],
  ["dark", 360],
  ["light", 360],
  ["dark", 1_000],
] as const)("gives axe nothing to find in any state: %s, %i px wide", async (scheme, width) => {
  const page = await open(scheme, width);
  await look(page, `closed-${scheme}-${width}`);
  // Both widths are looked at, and each color is measured once.
  const isMeasured = (scheme === "light") === (width === 1_000);
  if (isMeasured) {
    await page.addScriptTag({ path: axe });
    expect(await problems(page)).toEqual([]);
  }
  for (const name of ["Notifications, 2 unread", "Empty inbox", "Broken inbox"]) {
    await bell(page, name).click();
    await look(page, `${name.split(/\W/)[0]}-${scheme}-${width}`);
    if (isMeasured) expect(await problems(page, ".inkwire-panel"), name).toEqual([]);
    const { x, width: wide } = (await page.locator(".inkwire-panel").boundingBox()) ?? {
      x: -1,
      width: 0,
    };
    expect(x >= 0 && x + wide <= width, name).toBe(true);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await page.context().close();
});

it("is used by the keyboard alone, and the focus is always somewhere", async () => {
  const page = await open("light");
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      return element === document.body
        ? "nowhere"
        : (element?.getAttribute("aria-label") ?? element?.textContent ?? "");
    });
  const press = async (...keys: string[]): Promise<string> => {
    for (const key of keys) await page.keyboard.press(key);
    return focused();
  };
  expect(await press("Tab")).toBe("Notifications, 2 unread");
  await press("Enter");
  expect(await press("Tab")).toBe("Mark all as read");
  expect(await press("Tab")).toBe("“Letters from the Lighthouse Keeper” is finished");
  expect(await press("Tab")).toMatch(/^Mark as read: “Letters/);
  // Where the focus can be seen, it is.
  const outline = await page.evaluate(
    () => getComputedStyle(document.activeElement as Element).outline,
  );
  expect(outline).toMatch(/2px/);
  expect(await press("Escape")).toBe("Notifications, 2 unread");
  expect(await press("Tab")).toBe("Empty inbox");
  expect(await press("Alt+t")).toBe("Messages (Alt+T)");
  expect(await press("Tab")).toBe("Try again");
  expect(await press("Tab")).toMatch(/^Dismiss: “Salt”/);
  expect(await press("Enter")).toBe("Messages (Alt+T)");
  expect(await press("Tab", "Escape")).toBe("Messages (Alt+T)");
  expect(await press("Escape", "Escape")).toBe("Empty inbox");
  await page.context().close();
});

it("moves where that is wanted, and nowhere else", async () => {
  const moving = (page: Page) =>
    page.evaluate(() => ({
      animations: document.getAnimations().length,
      transition: getComputedStyle(document.querySelector(".inkwire-bar") as Element, "::before")
        .transitionDuration,
    }));
  const calm = await open("light", 1_000, "reduce");
  expect(await moving(calm)).toEqual({ animations: 0, transition: "0s" });
  await calm.context().close();
  const lively = await open("light", 1_000, "no-preference");
  const { animations, transition } = await moving(lively);
  expect(animations).toBeGreaterThan(0);
  expect(transition).toBe("0.24s");
  await lively.context().close();
});
