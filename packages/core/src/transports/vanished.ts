import type { Hub } from "./hub.js";
import type { ReadTcpTable } from "./tcp-table.js";

/** Looks of a heartbeat: see `MAX_MISSED_LOOKS` of liveness. */
const LOOKS_PER_HEARTBEAT = 4;

/**
 * After a look that took a while come so many times that while without one: where the table is of a machine with very many
 * other connections, reading it costs at most a twentieth of a core, and peers are found later.
 */
const REST = 20;

/**
 * Finds peers of SSE that vanished without a word. They answer no pings, and what is sent to them waits in the system for a
 * quarter of an hour before a write fails; what they have acknowledged says it within two heartbeats. Where the system does
 * not tell that, nothing is done.
 *
 * @returns how to stop.
 */
export function watchForVanished(hub: Hub): () => void {
  const { heartbeatMs, every, tcpTable, now } = hub.options;
  if (tcpTable === null) return () => {};
  let isLooking = false;
  let restsUntil = 0;
  const stop = every(Math.max(10, Math.floor(heartbeatMs / LOOKS_PER_HEARTBEAT)), () => {
    const startedAt = now();
    if (isLooking || startedAt < restsUntil) return;
    isLooking = true;
    void look(hub, tcpTable).then((isTold) => {
      isLooking = false;
      restsUntil = startedAt + (now() - startedAt) * REST;
      return isTold || stop();
    });
  });
  return stop;
}

/** `false` where the system does not tell: it will not later either. */
async function look({ registry }: Hub, read: ReadTcpTable): Promise<boolean> {
  const owed = [...registry.values()].filter(({ liveness }) => liveness.isOwed());
  if (owed.length === 0) return true;
  const table = await read(owed.map(({ liveness }) => liveness.socket)).catch(() => undefined);
  if (table === undefined) return false;
  for (const connection of owed) {
    if (connection.isOpen && !connection.liveness.isAcknowledging(table))
      connection.vanish("silent");
  }
  return true;
}
