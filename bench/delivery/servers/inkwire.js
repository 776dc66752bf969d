import { createServer } from "node:http";
import nodeAdapter from "crossws/adapters/node";
import { createBus, createGateway, createTokenVerifier } from "@inkwire/core";
import { bookMessages, defineMessage, defineMessages, durable } from "@inkwire/core/protocol";
import * as v from "valibot";

/** The gateway with everything as it is by default, mounted on Node's own server. @param {import("../wire.js").PeerOptions} options @returns {import("../wire.js").Peer} */
export function createPeer({ secret }) {
  const bus = createBus({
    messages: defineMessages({
      ...bookMessages,
      bench_blob: defineMessage(v.object({ text: v.string() }), durable()),
    }),
  });
  const gateway = createGateway({ bus, verifier: createTokenVerifier({ secret }) });
  /** The gateway with everything as it is by default, mounted on Node's own server. @param {import("node:http").IncomingMessage} req */
  const requestOf = (req) =>
    new Request(`http://${req.headers.host}${req.url}`, {
      headers: /** @type {Record<string, string>} */ (req.headers),
    });
  const http = createServer((req, res) => void gateway.events(requestOf(req), { req, res }));
  const adapter = nodeAdapter({ hooks: gateway.websocket, ...gateway.websocketOptions });
  http.on("upgrade", (req, socket, head) => {
    const runtime = { node: { req, upgrade: { socket, head } } };
    const request = Object.assign(requestOf(req), { runtime });
    void adapter.handleUpgrade(req, socket, head, request);
  });
  return {
    http,
    connections: () => gateway.connections.counts.total,
    cursor: () => bus.head(),
    publish: (turn) =>
      Promise.all(turn.map(({ topic, type, data }) => bus.publish(topic, type, data))),
  };
}
