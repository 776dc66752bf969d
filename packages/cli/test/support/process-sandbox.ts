import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
export const wrapper = join(root, "packages/cli/bin/inkwire.js");

/**
 * Makes sure that the built command is that of the sources. `pnpm test` has built it already, and this costs nothing;
 * where test files are run alone, the first of them builds and the others wait.
 */
export async function ensureBuilt(): Promise<void> {
  const lock = join(root, "node_modules/.inkwire-build-lock");
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A test run that was killed leaves its lock behind.
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > 60_000) rmSync(lock, { recursive: true, force: true });
      else await sleep(50);
    }
  }
  try {
    const script = `import { buildIfStale } from ${JSON.stringify(join(root, "scripts/build-if-stale.js"))}; buildIfStale();`;
    const build = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(`the build failed:\n${build.stderr}`);
  } finally {
    rmdirSync(lock);
  }
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<RunResult>;
  /** Resolves once stdout or stderr holds `text`; rejects when the process ends without. */
  readonly said: (text: string) => Promise<void>;
}

/** A place of its own for one test: a home, a current folder, and the built command. */
export interface ProcessSandbox extends Disposable {
  readonly home: string;
  readonly cwd: string;
  /** What the command is given of the world: nothing of the machine that runs the tests, no keys, no CI, no colours. */
  environment(more?: RunOptions["env"]): Readonly<Record<string, string | undefined>>;
  /** The built command as a process of its own: for what a kill, a signal, a pipe or Node itself does to it. */
  start(args: readonly string[], options?: StartOptions): Running;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface StartOptions extends RunOptions {
  /** For Node itself. */
  readonly nodeArgs?: readonly string[];
}

export function createProcessSandbox(): ProcessSandbox {
  const place = mkdtempSync(join(tmpdir(), "inkwire-cli-"));
  const home = join(place, "home");
  const cwd = join(place, "cwd");
  mkdirSync(cwd);
  const children = new Set<ChildProcessWithoutNullStreams>();
  const environment = (more: RunOptions["env"] = {}) => ({
    PATH: process.env["PATH"],
    HOME: place,
    INKWIRE_HOME: home,
    INKWIRE_PACE: "0",
    LANG: "C.UTF-8",
    ...more,
  });

  const start = (args: readonly string[], options: StartOptions = {}): Running => {
    const child = spawn(process.execPath, [...(options.nodeArgs ?? []), wrapper, ...args], {
      cwd,
      env: environment(options.env),
    });
    children.add(child);
    // Only when there is something: else a question would find the end of input.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    const out = { stdout: "", stderr: "" };
    const listeners = new Set<() => void>();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        out[name] += text;
        for (const listener of listeners) listener();
      });
    }
    const ended = new Promise<RunResult>((resolve) => {
      child.once("close", (code, signal) => {
        children.delete(child);
        resolve({ code, signal, ...out });
      });
    });
    const said = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!out.stdout.includes(text) && !out.stderr.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        child.once("close", (code) => {
          reject(
            new Error(`ended with ${code} before it said ${text}:\n${out.stderr}${out.stdout}`),
          );
        });
      });
    return { child, ended, said };
  };

  return {
    home,
    cwd,
    start,
    environment,
    [Symbol.dispose]() {
      for (const child of children) child.kill("SIGKILL");
      rmSync(place, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
