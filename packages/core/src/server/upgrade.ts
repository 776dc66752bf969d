import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import nodeAdapter from "crossws/adapters/node";
import type { Gateway } from "../transports/types.js";
import { refusalOf } from "../transports/websocket.js";
import { makeProblem } from "./problem.js";

export type NodeUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface UpgradeOptions {
  readonly websocket: Gateway["websocket"];
  readonly websocketOptions: Gateway["websocketOptions"];
  readonly basePath: string;
  /** Counts the address. @throws InkwireError `rate_limited` */
  readonly admit: (req: IncomingMessage) => Promise<void>;
  /** Told of one whose token or wish was refused, before it hears of that itself. */
  readonly onRefused: (req: IncomingMessage, error: unknown) => void;
  readonly uuid: () => string;
}

/**
 * Takes over Node's `upgrade` event for `/ws`: `true`. Of other paths it keeps its hands off: `false`. The only file that
 * knows crossws' adapter.
 */
export function createNodeUpgrade(options: UpgradeOptions): NodeUpgrade {
  const { websocket, websocketOptions, basePath, admit, onRefused, uuid } = options;
  const hooks = {
    ...websocket,
    async upgrade(request: UpgradeRequest) {
      const session = await websocket.upgrade(request);
      const refusal = refusalOf(session);
      if (refusal !== undefined) onRefused(request.runtime.node.req, refusal);
      return session;
    },
  };
  const adapter = nodeAdapter({ hooks: hooks as typeof websocket, ...websocketOptions });
  const path = `${basePath}/ws`;

  return (req, socket, head) => {
    const [asked = ""] = (req.url ?? "").split("?");
    if (asked !== path && asked !== `${path}/`) return false;
    // Until the WebSocket takes the socket over, its errors are ours.
    const ignore = (): void => {};
    socket.on("error", ignore);
    void (async () => {
      try {
        await admit(req);
      } catch (error) {
        return refuseUpgrade(socket, error, uuid());
      }
      if (socket.destroyed) return;
      await adapter.handleUpgrade(req, socket, head, upgradeRequest(req, socket, head));
      socket.off("error", ignore);
    })().catch(() => socket.destroy());
    return true;
  };
}

/**
 * The request as the hooks see it, with Node's own parts as srvx names them: with its socket at hand the gateway writes frames
 * that are shared by all, and those of one turn in one write. A whole `Request` would be kept as long as its peer.
 */
function upgradeRequest(req: IncomingMessage, socket: Duplex, head: Buffer): UpgradeRequest {
  const { host = "localhost" } = req.headers;
  let headers: Headers | undefined;
  const request = {
    method: "GET",
    url: `http://${host}${req.url ?? "/"}`,
    get headers(): Headers {
      headers ??= new Headers(
        Object.entries(req.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        ),
      );
      return headers;
    },
    runtime: { name: "node", node: { req, upgrade: { socket, head } } },
  };
  // The part of it that hooks of ours and the adapter read.
  return request as unknown as UpgradeRequest;
}

type UpgradeRequest = Request & {
  readonly runtime: { readonly node: { readonly req: IncomingMessage } };
};

/** Answers an upgrade like any other request that is refused. */
export function refuseUpgrade(socket: Duplex, error: unknown, requestId: string): void {
  const { problem, headers } = makeProblem(error, requestId);
  const body = JSON.stringify(problem);
  const head = {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": requestId,
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}
