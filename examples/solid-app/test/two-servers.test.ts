import { readFileSync } from "node:fs";
import { launchChromium } from "@inkwire/test-browser";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import {
  isInstalled,
  replaceAll,
  startNginx,
  type Proxy,
} from "../../../packages/core/test/server/support/proxy.js";
import { hasRedis, startRedis } from "../../../packages/core/test/support/redis-server.js";
import { startApp, type RunningApp } from "./support/app.ts";
import { beginBook, chapterOf, isLive, readable, signIn, statusOf } from "./support/reader.ts";

const canRun = hasRedis && isInstalled("nginx", "-v");
if (!canRun) console.warn("SKIPPED: the app on two servers needs redis-server and nginx");

const config = new URL("../../../docs/operations/two-servers/nginx.conf", import.meta.url);

/** The documented nginx, told where the app has its streams: a client may come to either server, each time. */
function startBalancer(servers: readonly [RunningApp, RunningApp]): Promise<Proxy> {
  return startNginx((port, folder) =>
    replaceAll(readFileSync(config, "utf8"), [
      ["listen 80;", `listen 127.0.0.1:${port};`],
      ["server-1:4555", new URL(servers[0].url).host],
      ["server-2:4555", new URL(servers[1].url).host],
      ["^/(events|ws)$", "^/live/(events|ws)$"],
      ["/var/log/nginx", `${folder}/log`],
    ]),
  );
}

const text = (page: Page) => page.locator("article .text");
const length = async (page: Page): Promise<number> => (await text(page).innerText()).length;
const grows = async (page: Page): Promise<void> => {
  const before = await length(page);
  await expect.poll(() => length(page), { timeout: 60_000 }).toBeGreaterThan(before + 100);
};

it.skipIf(!canRun)(
  "goes on in both tabs when one server is killed, and then the other one, with every word there once",
  async () => {
    await using redis = await startRedis({ appendOnly: true });
    const env = {
      INKWIRE_REDIS_URL: redis.url,
      INKWIRE_JWT_SECRET: "a secret of the tests, which is long enough",
      TRUST_PROXY: "1",
      WORDS_PER_SECOND: "25",
    };
    const [one, two] = await Promise.all([startApp(env), startApp(env)]);
    await using _one = one;
    await using _two = two;
    await using proxy = await startBalancer([one, two]);
    const browser = await launchChromium();
    try {
      await using ada = await signIn(browser, proxy, "Ada");
      const book = await beginBook(ada, "Twice Interrupted");
      const tabs = await Promise.all([1, 2].map((n) => ada.tab(`/books/${book}/${n}`)));
      for (const page of tabs) {
        await expect.poll(() => length(page), { timeout: 60_000 }).toBeGreaterThan(100);
        await page.evaluate(() => Object.assign(window, { isSamePage: true }));
      }

      await one.kill();
      for (const page of tabs) await grows(page);
      await one.start();
      // Whatever went on, went on at the second one: its writer, its streams.
      await two.kill();
      for (const page of tabs) await grows(page);
      expect(await statusOf(ada, book)).not.toBe("completed");

      for (const [at, page] of tabs.entries()) {
        await page.locator('article .text[aria-busy="false"]').waitFor({ timeout: 120_000 });
        expect(readable(await text(page).innerText())).toBe(
          readable((await chapterOf(ada, book, at + 1)).text),
        );
        await isLive(page);
        expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
      }
      await expect.poll(() => statusOf(ada, book), { timeout: 120_000 }).toBe("completed");
      expect(ada.problems).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  300_000,
);
