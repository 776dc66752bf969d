import { existsSync } from "node:fs";
import sparticuz from "@sparticuz/chromium";
import { chromium, type Browser, type LaunchOptions } from "playwright-core";

const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A real Chromium: of `CHROMIUM_PATH`, else an installed one, else the one that comes as a package. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const own = process.env["CHROMIUM_PATH"] ?? installed.find((file) => existsSync(file));
  return chromium.launch({
    ...options,
    executablePath: own ?? (await sparticuz.executablePath()),
    // Not the package's own list of arguments: it switches web security off, which is what is tested here.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-dev-shm-usage",
    ],
  });
}
