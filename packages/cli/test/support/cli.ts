import { PassThrough, Writable } from "node:stream";
import { createOutput } from "../../src/output/stream.js";
import { runProgram } from "../../src/program.js";
import type { Runtime } from "../../src/runtime.js";
import {
  createProcessSandbox,
  type ProcessSandbox,
  type RunOptions,
  type RunResult,
} from "./process-sandbox.js";

export { ensureBuilt, wrapper } from "./process-sandbox.js";
export type { Running, RunOptions, RunResult } from "./process-sandbox.js";

/** A place of its own for one test: a home, a current folder, and commands that run there. */
export interface Sandbox extends ProcessSandbox {
  /** The command in this process: what it says, does and answers, at a tenth of a process's cost. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export function createSandbox(): Sandbox {
  const sandbox = createProcessSandbox();
  return {
    ...sandbox,
    run: (args, { env, input = "" } = {}) =>
      runHere({ args, env: sandbox.environment(env), cwd: sandbox.cwd, input }),
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
