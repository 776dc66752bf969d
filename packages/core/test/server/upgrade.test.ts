import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { createNodeUpgrade } from "../../src/server/upgrade.js";
import { websocketOptions } from "../../src/transports/websocket.js";

it("hands the gateway the socket that is upgraded, so that frames are made once for all", async () => {
  const seen: Array<{ url: string; authorization: string | null; socket: unknown }> = [];
  const upgrade = createNodeUpgrade({
    websocket: {
      upgrade(request) {
        const { runtime } = request as unknown as {
          runtime: { node: { upgrade: { socket: unknown } } };
        };
        const { url, headers } = request;
        const authorization = headers.get("authorization");
        seen.push({ url, authorization, socket: runtime.node.upgrade.socket });
        return undefined;
      },
      open: () => {},
      message: () => {},
      close: () => {},
      error: () => {},
      drain: () => {},
      ping: () => {},
      pong: () => {},
    },
    websocketOptions,
    basePath: "",
    onRefused: () => {},
    admit: async () => {},
    uuid: () => "1",
  });
  const server = createServer();
  const sockets: Duplex[] = [];
  server.on("upgrade", (req, socket, head) => {
    sockets.push(socket);
    upgrade(req, socket, head);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws?topics=book/7`, {
    headers: { authorization: "Bearer x" },
  });
  try {
    await once(client, "open");
    expect(seen).toHaveLength(1);
    expect(seen[0]?.socket).toBe(sockets[0]);
    expect(seen[0]).toMatchObject({
      url: `http://127.0.0.1:${port}/ws?topics=book/7`,
      authorization: "Bearer x",
    });
  } finally {
    client.terminate();
    server.closeAllConnections();
    server.close();
  }
});
