import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The app's server in a process of its own, with data that outlive it until all of it is disposed. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string;
  /** As a power cut would; the port and the data stay. */
  kill(): Promise<void>;
  /** On the same port, with other variables if you like. */
  start(env?: Env): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

/** As `pnpm build` does, and not as Vite would in a process whose NODE_ENV says that it tests. */
export function buildApp(): void {
  const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));
  execFileSync(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: root,
    env: cleanEnv(),
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @param env - for this start; the port is free to choose. */
export async function startApp(env: Env = {}): Promise<RunningApp> {
  const home = mkdtempSync(join(tmpdir(), "inkwire-solid-app-"));
  let child: ChildProcess | undefined;
  let url = "";

  async function start(more: Env = {}): Promise<void> {
    const port = url === "" ? "0" : new URL(url).port;
    const started = (child = spawn(process.execPath, ["server/main.ts"], {
      cwd: root,
      env: { ...cleanEnv(), INKWIRE_HOME: home, PORT: port, ...env, ...more },
      stdio: ["ignore", "pipe", "inherit"],
    }));
    const lines = createInterface({ input: started.stdout });
    url = await Promise.race([
      once(lines, "line").then(([line]) => String(line)),
      once(started, "exit").then(([code]) => {
        throw new Error(`The app ended with ${String(code)} before it listened`);
      }),
    ]);
  }
  async function kill(): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = once(ending, "exit");
    ending.kill("SIGKILL");
    await ended;
  }
  await start();
  return {
    get url() {
      return url;
    },
    start,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** No key of whoever runs the tests, so that nobody's model is asked. */
export function cleanEnv(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR };
}
