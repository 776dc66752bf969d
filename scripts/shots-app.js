// `pnpm shots app [folder]`: pictures of every page of examples/solid-app, light and dark, on a phone and a desk, from a
// real run: two books are written while a real browser looks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launchChromium } from "@inkwire/test-browser";
import { build } from "vite";
import { buildIfStale } from "./build-if-stale.js";

const root = fileURLToPath(new URL("../examples/solid-app/", import.meta.url));
const widths = { phone: 360, desk: 1280 };
const titles = [
  "The Tides of Brittany",
  "A Field Guide to Lichens",
  "Letters from the Salt Road",
  "How Clocks Learned to Walk",
  "Small Fires",
  "The Cartographer’s Apprentice and the Unfinished Map",
];

/** @param {string} folder - where the pictures go; made if it is not there. */
export async function shootApp(folder) {
  buildIfStale();
  await build({ root, configFile: join(root, "vite.config.ts"), logLevel: "error" });
  mkdirSync(folder, { recursive: true });
  const home = mkdtempSync(join(tmpdir(), "inkwire-shots-app-"));
  const server = spawn(process.execPath, ["server/main.ts"], {
    cwd: root,
    // Vite sets NODE_ENV in this process, in which the development login would refuse to run.
    env: {
      ...process.env,
      NODE_ENV: "development",
      INKWIRE_HOME: home,
      PORT: "0",
      WORDS_PER_SECOND: "400",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await launchChromium();
  try {
    const [url] = /** @type {[string]} */ (
      await once(createInterface({ input: server.stdout }), "line")
    );
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => process.stderr.write(`${String(error)}\n`));
    page.on("console", (said) => {
      if (said.type() === "error") process.stderr.write(`${said.text()}\n`);
    });
    /** @param {string} name */
    const shoot = async (name) => {
      for (const scheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        for (const [device, width] of Object.entries(widths)) {
          await page.setViewportSize({ width, height: 800 });
          await sleep(150);
          await page.screenshot({ path: join(folder, `${name}-${device}-${scheme}.png`) });
        }
      }
    };

    await page.goto(url);
    await page.getByLabel("Your name").waitFor();
    await shoot("sign-in");
    await page.getByLabel("Your name").fill("Ada");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Your first book").waitFor();
    await shoot("desk-empty");
    for (const title of titles) {
      await page.goto(`${url}/new`);
      await page.getByLabel("Title").fill(title);
      // Whatever model answers on this machine.
      await page.getByLabel("Author").selectOption("offline");
      if (title === titles.at(-1)) {
        await page
          .getByLabel("What it is about")
          .fill("A mapmaker’s pupil finds that the blank parts answer back.");
        await page.getByText("Costs nothing").waitFor();
        await shoot("new-book");
      }
      await page.getByRole("button", { name: "Begin writing" }).click();
      await page.waitForURL("**/books/*");
      if (title !== titles.at(-1))
        await page.getByText("Finished").first().waitFor({ timeout: 60_000 });
    }
    await page.getByText("being written").first().waitFor();
    await shoot("book-writing");
    await page.getByRole("link", { name: /Read/ }).click();
    await page.locator(".text p").nth(3).waitFor();
    await shoot("reader-writing");
    await page.goto(url);
    await page.locator(".spine").nth(5).waitFor();
    await shoot("desk");
    await page.goto(`${url}/books`);
    await page.locator(".book-row").nth(5).waitFor();
    await shoot("books");
    await page.goto(`${url}/inbox`);
    await page.locator(".letters h3").first().waitFor();
    await shoot("inbox");
    await page.goto(`${url}/books/1`);
    await page.locator(".contents a").first().waitFor();
    await shoot("book");
    await page.getByRole("button", { name: "Delete" }).click();
    await shoot("confirm");
    await page.goto(`${url}/books/1/2`);
    await page.locator(".text p").first().waitFor();
    await shoot("reader");
    await page.getByRole("button", { name: "Reading and account" }).click();
    await shoot("look");
    await page.goto(`${url}/nowhere`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await shoot("missing");
    await page.goto(`${url}/books/999`);
    await page.getByText("no such book").first().waitFor();
    await shoot("no-such-book");
    await page.goto(`${url}/new`);
    await page.getByRole("button", { name: "Begin writing" }).click();
    await page.getByText("A book needs a title.").waitFor();
    await shoot("new-book-mistake");
    await page.goto(`${url}/books/1/6`);
    await page.locator(".turn").scrollIntoViewIfNeeded();
    await page.locator(".toc summary").click();
    await shoot("contents");
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await page.locator('.inkwire-status[data-status="offline"]').waitFor();
    await shoot("offline");
  } finally {
    await browser.close();
    server.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  }
}

const folder = process.argv[2] ?? fileURLToPath(new URL("../.shots", import.meta.url));
await shootApp(folder);
// The one that the documentation shows.
const shown = new URL("../docs/develop/web-app.png", import.meta.url);
copyFileSync(join(folder, "book-writing-desk-light.png"), shown);
