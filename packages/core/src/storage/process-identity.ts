import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process on which machine: what a lease and a temporary file carry, so that a dead owner is recognised at once. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The machine since its last start, and the pid namespace: only within one of these a pid means anything. */
  readonly host: string;
  /** When the process began, in the system's own ticks; tells a process from a later one with its number. Linux only. */
  readonly start: string | undefined;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const boot = quietly(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  // Two containers of one image may share a host name and a folder, each with a process number 1.
  const namespace = quietly(() => readlinkSync("/proc/self/ns/pid"));
  return {
    pid: process.pid,
    host: [hostname(), boot, namespace].filter((part) => part !== undefined).join("/"),
    start: readStat(process.pid)?.start,
  };
}

/** Whether `identity` is certainly dead. On another machine nobody can know, so `false`: the heartbeat decides there. */
export function isGone(identity: ProcessIdentity, own: ProcessIdentity): boolean {
  if (identity.host !== own.host) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM means alive, of another user.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const stat = readStat(identity.pid);
  if (stat === undefined) return false;
  if (stat.state === "Z" || stat.state === "X") return true;
  return identity.start !== undefined && identity.start !== stat.start;
}

/** Fields 3 (state) and 22 (starttime) of /proc/<pid>/stat, see proc(5). The name before them may hold any character. */
function readStat(pid: number): { readonly state: string; readonly start: string } | undefined {
  const text = quietly(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields?.[0];
  const start = fields?.[19];
  return state === undefined || start === undefined ? undefined : { state, start };
}

/** These files exist on Linux only; elsewhere less is known, and the heartbeat decides. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
