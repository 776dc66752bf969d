import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** An example's server in a process of its own, as its reader starts it. */
export interface RunningExample extends AsyncDisposable {
  readonly url: string;
  /** Sends a signal and waits for the end; gives back the exit code, `null` after SIGKILL. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

/** @param env - beside the test's own; the port is free to choose unless it is given. */
export async function startExample(
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningExample> {
  const cwd = fileURLToPath(new URL(`../../../examples/${name}/`, import.meta.url));
  const child = spawn(process.execPath, ["server.js"], {
    cwd,
    env: { ...process.env, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const stop: RunningExample["stop"] = async (signal) => {
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), "line").then(([text]) => String(text)),
    ended.then(([code]) => {
      throw new Error(`The example ${name} ended with ${String(code)} before it listened`);
    }),
  ]);
  return {
    url: line,
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
    },
  };
}
