// What a process has cost so far: CPU time and memory, read from outside where /proc is, else asked of the process itself.
import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * @typedef {object} Cost
 * @property {number} cpuMicros - of all threads
 * @property {number} userMicros - outside the kernel, as counted by the clock's ticks
 * @property {number} systemMicros - inside it, likewise
 * @property {number | undefined} coreMicros - how long core 0 was busy, whoever used it
 * @property {number} at - milliseconds
 */

export const hasProc = existsSync("/proc/self/smaps_rollup") && existsSync("/proc/self/schedstat");

/** Ticks are 1/100 s on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;

/** @param {import("./remote.js").Remote} server @returns {Promise<Cost>} */
export async function readCost(server) {
  const at = performance.now();
  if (!hasProc) return { ...(await server.call("cost")), coreMicros: undefined, at };
  let nanos = 0;
  for (const task of readdirSync(`/proc/${server.pid}/task`)) {
    nanos += Number(
      readFileSync(`/proc/${server.pid}/task/${task}/schedstat`, "utf8").split(" ")[0],
    );
  }
  const cpuMicros = nanos / 1000;
  // After the name, which may hold anything, the fields are: state … utime (12th) stime (13th).
  const stat = readFileSync(`/proc/${server.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const userMicros = Number(fields[11]) * MICROS_PER_TICK;
  const systemMicros = Number(fields[12]) * MICROS_PER_TICK;
  return { cpuMicros, userMicros, systemMicros, coreMicros: readCoreMicros(), at };
}

/**
 * What was spent between two readings. The ticks tell the user part's share, the scheduler the whole.
 *
 * @param {Cost} before
 * @param {Cost} after
 */
export function spent(before, after) {
  const cpuMicros = after.cpuMicros - before.cpuMicros;
  const user = after.userMicros - before.userMicros;
  const system = after.systemMicros - before.systemMicros;
  const coreMicros =
    after.coreMicros === undefined || before.coreMicros === undefined
      ? undefined
      : after.coreMicros - before.coreMicros;
  return {
    cpuMicros,
    userMicros: user + system === 0 ? Number.NaN : (cpuMicros * user) / (user + system),
    /** The share of the time that core 0 worked for somebody else. */
    foreignShare:
      coreMicros === undefined
        ? undefined
        : Math.max(0, coreMicros - cpuMicros) / ((after.at - before.at) * 1000),
    wallMs: after.at - before.at,
  };
}

/** user, nice, system, irq, softirq and steal of core 0. */
function readCoreMicros() {
  const line = /^cpu0 (.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "";
  const ticks = line.split(" ").map(Number);
  const busy = [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (ticks[index] ?? 0), 0);
  return busy * MICROS_PER_TICK;
}

/**
 * Bytes that are this process's own share (PSS), so that pages of the Node binary are not billed to each process anew.
 * Without /proc: its resident set.
 *
 * @param {import("./remote.js").Remote} server
 * @returns {Promise<number>}
 */
export async function readMemory(server) {
  if (!hasProc) return (await server.call("memory")).rss;
  const rollup = readFileSync(`/proc/${server.pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
}
