import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A real process that runs a TypeScript file of ours. */
export interface SourceProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The next line of its standard output; `undefined` when there is none any more. Throws what it said when it failed. */
  line(): Promise<string | undefined>;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Ends it without a chance to do anything, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts `file` (relative to `from`, usually `import.meta.url`) in a process of its own. */
export function startSource(
  file: string,
  from: string,
  args: readonly string[],
  uid?: number,
): SourceProcess {
  return startSourceIn([], file, from, args, uid);
}

/** The same behind another command, such as one that gives it a network of its own. */
export function startSourceIn(
  before: readonly string[],
  file: string,
  from: string,
  args: readonly string[],
  uid?: number,
): SourceProcess {
  const hooks = new URL("register-sources.ts", import.meta.url).href;
  const [command = "", ...rest] = [
    ...before,
    process.execPath,
    "--conditions=inkwire-src",
    "--import",
    hooks,
    fileURLToPath(new URL(file, from)),
    ...args,
  ];
  const child = spawn(command, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid }),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const ended = once(child, "exit").then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null,
  );
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    child,
    line: async () => {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      const code = await ended;
      if (typeof code === "number" && code !== 0)
        throw new Error(`${file} ended with ${code}: ${errors}`);
      return undefined;
    },
    ended,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
