import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Browser, type LaunchOptions } from "playwright-core";

/** Built without windows: it takes a third less of a core for the same pages. */
const headlessShell = "/usr/bin/chromium-headless-shell";

/** With windows, of which it makes no use here: it has what the other one leaves out, the back/forward cache. */
const whole = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A real Chromium: of `CHROMIUM_PATH`, else one without windows, installed or from the package, else an installed Chrome. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return launch({ ...options, ...(await whichChromium()) });
}

/** Whether {@link launchWholeChromium} has one. */
export const hasWholeChromium =
  process.platform !== "linux" || whole.some((file) => existsSync(file));

/** One as users have it, which has to be installed. */
export async function launchWholeChromium(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = whole.find((file) => existsSync(file));
  return launch({
    ...options,
    ...(executablePath === undefined ? { channel: "chrome" } : { executablePath }),
  });
}

function launch(options: LaunchOptions): Promise<Browser> {
  return chromium.launch({
    ...options,
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

/** Unpacks the browser if there is need, so that tests that start at once do not each do that. */
export async function prepareChromium(): Promise<void> {
  await whichChromium();
}

async function whichChromium(): Promise<Pick<LaunchOptions, "executablePath" | "channel">> {
  const own = process.env["CHROMIUM_PATH"];
  if (own !== undefined) return { executablePath: own };
  if (existsSync(headlessShell)) return { executablePath: headlessShell };
  // What is in the package runs there only.
  if (process.platform === "linux" && process.arch === "x64")
    return { executablePath: await unpacked() };
  return { channel: "chrome" };
}

/** Unpacks the package, which several processes may want at the same moment: each finds it whole, or not there yet. */
async function unpacked(): Promise<string> {
  const { version } = JSON.parse(
    readFileSync(pathOf("node_modules/@sparticuz/chromium/package.json"), "utf8"),
  ) as { version: string };
  const folder = pathOf(`node_modules/.cache/chromium-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(pathOf("node_modules/.cache"), { recursive: true });
    const unfinished = mkdtempSync(`${folder}.`);
    // It knows no other place than the directory of temporary files, and takes for whole what is there already.
    const code = `await (await import(${JSON.stringify(import.meta.resolve("@sparticuz/chromium"))})).default.executablePath()`;
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
      env: { ...process.env, TMPDIR: unfinished },
    });
    // Where another one was first, its folder stays.
    await rename(unfinished, folder).catch(() =>
      rm(unfinished, { recursive: true, force: true, maxRetries: 3 }),
    );
  }
  return `${folder}/chromium`;
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
