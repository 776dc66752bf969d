import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, it } from "vitest";
import { readTcpTable } from "../../src/transports/tcp-table.js";

const isThere = existsSync("/proc/net/tcp6");
if (!isThere) console.warn("skipped: this system has no /proc/net/tcp6");

async function pair(host: string, to: string) {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, to);
  const [socket] = await accepted;
  return {
    socket,
    client,
    [Symbol.dispose]() {
      client.destroy();
      socket.destroy();
      server.close();
    },
  };
}

it.skipIf(!isThere).each([
  ["IPv4", "127.0.0.1", "127.0.0.1"],
  ["IPv6", "::1", "::1"],
  ["IPv4 on a socket of IPv6", "::", "127.0.0.1"],
])("sees what a peer has not acknowledged: %s", async (_name, host, to) => {
  using stuck = await pair(host, to);
  using reads = await pair(host, to);
  reads.client.resume();
  // A peer that does not read acknowledges until what the system keeps for it is full.
  const chunk = Buffer.alloc(65_536);
  for (let n = 0; n < 400; n += 1) stuck.socket.write(chunk);
  reads.socket.write(chunk);
  const sockets = [stuck.socket, reads.socket];
  await expect
    .poll(async () => {
      const table = await readTcpTable(sockets);
      return sockets.map((socket) => (table?.unacknowledgedBytes(socket) ?? 0) > 0);
    })
    .toEqual([true, false]);
});

it.skipIf(!isThere)("says 0 for a socket that is gone or has no addresses", async () => {
  const table = await readTcpTable([{ remoteAddress: "127.0.0.1" }]);
  expect(table?.unacknowledgedBytes({})).toBe(0);
  expect(
    table?.unacknowledgedBytes({
      localAddress: "127.0.0.1",
      localPort: 1,
      remoteAddress: "fe80::1%eth0",
      remotePort: 2,
    }),
  ).toBe(0);
});
