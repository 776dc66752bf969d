import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { LlamaLibrary } from "../../../src/books/authors/model/gguf/llama.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const sources = join(root, "test-servers/gguf");
const cache = join(root, "node_modules/.cache/inkwire-gguf");

export interface GgufServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly model: string;
  stats(): Promise<{
    readonly running: number;
    readonly cancelled: number;
    readonly tokens: number;
  }>;
}

/** Why no real model can be tested here, or `undefined`. */
export function whyNoGguf(file: string | undefined): string | undefined {
  if (file === undefined || file === "") return "INKWIRE_TEST_GGUF is not set";
  if (!existsSync(file) || !statSync(file).isFile()) return `INKWIRE_TEST_GGUF is no file: ${file}`;
  const platform = `${process.platform}-${process.arch}`;
  return platform === "linux-x64" ? undefined : `its binary is for linux-x64, this is ${platform}`;
}

/** Starts the server over `file`, after installing it once per version of its package.json. */
export async function startGgufServer(file: string): Promise<GgufServer> {
  const folder = await install();
  for (const name of ["server.js", "model.js"]) {
    await copyFile(join(sources, name), join(folder, name));
  }
  const child = spawn(process.execPath, [join(folder, "server.js"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const firstLine = once(createInterface(child.stdout), "line");
  const died = exited.then(([code]) => {
    throw new Error(`the server ended with ${String(code)} before it was ready`);
  });
  const [line] = (await Promise.race([firstLine, died])) as [string];
  died.catch(() => {});
  const { url, model } = JSON.parse(line) as { readonly url: string; readonly model: string };
  return {
    baseUrl: url,
    model,
    async stats() {
      const response = await fetch(new URL("/stats", url));
      return (await response.json()) as Awaited<ReturnType<GgufServer["stats"]>>;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** node-llama-cpp, installed as for the server. */
export async function loadTestLlama(): Promise<LlamaLibrary> {
  const entry = join(await install(), "node_modules/node-llama-cpp/dist/index.js");
  return (await import(pathToFileURL(entry).href)) as LlamaLibrary;
}

/** The folder with the installed dependency. It is made aside and renamed, so that a half-made one is never used. */
async function install(): Promise<string> {
  const manifest = await readFile(join(sources, "package.json"));
  const version = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(join(cache, "install-"));
  try {
    await copyFile(join(sources, "package.json"), join(aside, "package.json"));
    const flags = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...flags], { cwd: aside });
    await rename(aside, folder).catch((error: unknown) => {
      // Somebody else was quicker.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return folder;
}
