import { performance } from "node:perf_hooks";
import { createOutput } from "./output/stream.js";
import { reportFailure, runProgram } from "./program.js";
import type { Runtime, StopSignal } from "./runtime.js";

const stopSignals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const runtime: Runtime = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: createOutput(process.stdout),
  stderr: createOutput(process.stderr),
  startedAtMs: performance.now(),
  onSignal(listener) {
    for (const signal of stopSignals) process.on(signal, listener);
    return () => {
      for (const signal of stopSignals) process.off(signal, listener);
    };
  },
  raise(signal) {
    // Windows has no signals to send, but Node's listeners for them.
    if (signal === "SIGINT" && process.listenerCount(signal) > 0) process.emit(signal, signal);
    else if (process.platform !== "win32")
      process.kill(signal === "SIGTSTP" ? 0 : process.pid, signal);
  },
  onContinue(listener) {
    process.on("SIGCONT", listener);
    return () => process.off("SIGCONT", listener);
  },
  exit: (code) => process.exit(code),
};

process.on("uncaughtException", (error) => void endWith(error));

await end(await runProgram(runtime));

async function endWith(error: Error): Promise<void> {
  try {
    await end(await reportFailure(runtime, error));
  } catch {
    // What can't even be reported (an installation with missing files) must not come back here for ever.
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  }
}

/** Ends the process once everything that was said has left it: a pipe is written in the background. */
async function end(exitCode: number): Promise<void> {
  await Promise.all([runtime.stdout.flush(), runtime.stderr.flush()]);
  const lost = runtime.stdout.broken;
  if (lost !== undefined && lost.code !== "EPIPE" && exitCode === 0) {
    await reportFailure(runtime, lost);
    process.exit(1);
  }
  process.exit(exitCode);
}
