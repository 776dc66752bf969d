import { closeSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Buffer } from "node:buffer";
import { isIPv4 } from "node:net";

/** The ends of a TCP connection, as a socket of Node names them. */
export interface TcpEnds {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** What the system knows of its TCP sockets at one moment. */
export interface TcpTable {
  /** Sent and not acknowledged by the peer; 0 also for a connection that is not in the table. */
  unacknowledgedBytes(ends: TcpEnds): number;
}

/** Reads the table, as far as `ends` need it; `undefined` where there is none. */
export type ReadTcpTable = (ends: Iterable<TcpEnds>) => Promise<TcpTable | undefined>;

/** The kernel gives 4 KiB a read, some 30 sockets; after so many reads other things have their turn (about 1 ms). */
const READS_PER_TURN = 16;

/** Hexadecimal digits of an address, and where in a row the send queue stands after its number. */
const layouts = [
  { file: "/proc/net/tcp", digits: 8 },
  { file: "/proc/net/tcp6", digits: 32 },
] as const;

/**
 * The table of Linux, `/proc/net/tcp` and `tcp6`: Node shows no other way to what a peer has acknowledged (`TCP_INFO`,
 * `TCP_USER_TIMEOUT`). Only rows with something in their send queue are kept.
 *
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 */
export const readTcpTable: ReadTcpTable = async (ends) => {
  const rows = new Map<string, number>();
  const wanted = [false, false];
  for (const { remoteAddress = "" } of ends) wanted[isIPv4(remoteAddress) ? 0 : 1] = true;
  for (const [index, { file, digits }] of layouts.entries()) {
    if (wanted[index] === true && !(await readRows(file, digits, rows))) return undefined;
  }
  return {
    unacknowledgedBytes({ localAddress, localPort, remoteAddress, remotePort }) {
      if (rows.size === 0) return 0;
      return rows.get(`${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)}`) ?? 0;
    },
  };
};

async function readRows(file: string, digits: number, rows: Map<string, number>): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(65_536);
  // `01020304:1F90 05060708:C350 01 0000000A:00000000 …`
  const keyLength = 2 * digits + 11;
  const queueAt = keyLength + 4;
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return false;
  }
  try {
    let text = "";
    for (let reads = 1; ; reads += 1) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      if (length === 0) return true;
      text += buffer.toString("latin1", 0, length);
      let from = 0;
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
        const at = text.indexOf(": ", from) + 2;
        from = end + 1;
        if (text.startsWith("00000000", at + queueAt)) continue;
        const queued = Number.parseInt(text.slice(at + queueAt, at + queueAt + 8), 16);
        if (queued > 0) rows.set(text.slice(at, at + keyLength), queued);
      }
      text = text.slice(from);
      if (reads % READS_PER_TURN === 0) await setImmediate();
    }
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

function endOf(address = "", port = 0): string {
  return `${hexOf(address)}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** An address as the table has it: words of 32 bits, each in the machine's order of bytes. */
function hexOf(address: string): string {
  const bytes = Buffer.from(isIPv4(address) ? address.split(".").map(Number) : bytesOf(address));
  if (endianness() === "LE") bytes.swap32();
  return bytes.toString("hex").toUpperCase();
}

function bytesOf(ipv6: string): readonly number[] {
  const [bare = ""] = ipv6.split("%");
  // `::ffff:192.0.2.1` ends in the old way of writing.
  const plain = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((n) => n.toString(16)).join(":"),
  );
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after].slice(0, 8);
  return groups.map((group) => Number.parseInt(group, 16)).flatMap((n) => [n >> 8, n & 255]);
}
