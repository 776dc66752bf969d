import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createOutput } from "../../src/output/stream.js";
import { runProgram } from "../../src/program.js";
import type { Runtime } from "../../src/runtime.js";

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

/** A place of its own for one test: a home, a current folder, and commands that run there. */
export interface Sandbox extends Disposable {
  readonly home: string;
  readonly cwd: string;
  /** The command in this process: what it says, does and answers, at a tenth of a process's cost. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
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

export function createSandbox(): Sandbox {
  const place = mkdtempSync(join(tmpdir(), "inkwire-cli-"));
  const home = join(place, "home");
  const cwd = join(place, "cwd");
  mkdirSync(cwd);
  const children = new Set<ChildProcessWithoutNullStreams>();
  // Nothing of the machine that runs the tests: no keys, no CI, no colours.
  const envWith = (more: RunOptions["env"]) => ({
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
      env: envWith(options.env),
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
    run: (args, { env, input = "" } = {}) => runHere({ args, env: envWith(env), cwd, input }),
    [Symbol.dispose]() {
      for (const child of children) child.kill("SIGKILL");
      rmSync(place, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function runHere(command: {
  readonly args: readonly string[];
  readonly env: Runtime["env"];
  readonly cwd: string;
  readonly input: string;
}): Promise<RunResult> {
  const said = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    const stream = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        said[name] += decoder.decode(chunk, { stream: true });
        callback();
      },
    });
    return createOutput(stream as unknown as NodeJS.WriteStream);
  };
  const runtime: Runtime = {
    argv: command.args,
    env: command.env,
    cwd: command.cwd,
    stdin: new PassThrough().end(command.input) as unknown as NodeJS.ReadStream,
    stdout: output("stdout"),
    stderr: output("stderr"),
    startedAtMs: performance.now(),
    onSignal: () => () => {},
    raise: () => {},
    onContinue: () => () => {},
    exit: (code) => {
      throw new Error(`the command ended itself with ${code}`);
    },
  };
  // What `main.ts` does with an exception that nobody caught, a test run reports as its own failure.
  const code = await runProgram(runtime);
  await Promise.all([runtime.stdout.flush(), runtime.stderr.flush()]);
  return { code, signal: null, ...said };
}

/** The lines of NDJSON. */
export function jsonLines(text: string): Array<Record<string, unknown>> {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The data of the last line, which must be the result. */
export function resultOf(text: string): Record<string, unknown> {
  const last = jsonLines(text).at(-1);
  if (last?.["type"] !== "result")
    throw new Error(`the last line is no result: ${JSON.stringify(last)}`);
  return last["data"] as Record<string, unknown>;
}
