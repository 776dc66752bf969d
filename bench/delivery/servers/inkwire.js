import { createServer } from "node:http";
import { defineMessage, defineMessages, durable } from "@inkwire/core/protocol";
import { createInkwire } from "@inkwire/core/server";
import * as v from "valibot";

/**
 * The server with everything as it is by default, but for the rates of an address: all clients come from one.
 *
 * @param {import("../wire.js").PeerOptions} options
 * @returns {Promise<import("../wire.js").Peer>}
 */
export async function createPeer({ secret }) {
  const inkwire = await createInkwire({
    auth: { secret },
    messages: defineMessages({
      bench_blob: defineMessage(v.object({ text: v.string() }), durable()),
    }),
    rateLimits: { perAddress: { connect: null } },
  });
  const { bus } = inkwire;
  const http = createServer(inkwire.listener);
  http.on("upgrade", (req, socket, head) => {
    if (!inkwire.upgrade(req, socket, head)) socket.destroy();
  });
  return {
    http,
    connections: () => inkwire.connections.counts.total,
    cursor: () => bus.head(),
    // Numbers are given in the order of the calls, so nothing has to be waited for; what fails ends the process.
    publish(turn) {
      for (const { topic, type, data } of turn) void bus.publish(topic, type, data);
    },
  };
}
