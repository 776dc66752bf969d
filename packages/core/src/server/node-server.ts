import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { InkwireError } from "../protocol/index.js";
import type { NodeListener } from "./h3-app.js";
import { refuseUpgrade, type NodeUpgrade } from "./upgrade.js";

export interface ListenOptions {
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** `127.0.0.1` is for this machine alone, `0.0.0.0` and `::` for everybody. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Who takes longer to send the headers of a request is not served, in milliseconds. @default 10_000 */
  readonly headersTimeoutMs?: number | undefined;
  /** The same for all of a request; a stream that we send may last for ever. @default 30_000 */
  readonly requestTimeoutMs?: number | undefined;
}

export interface Listening {
  /** Such as `http://127.0.0.1:4555`. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Stops listening, lets what is under way end for a moment, and closes what is left. */
  close(graceMs: number): Promise<void>;
}

export interface NodeServerOptions extends ListenOptions {
  readonly listener: NodeListener;
  readonly upgrade: NodeUpgrade;
  readonly uuid: () => string;
}

/** Of all headers of a request together, in bytes. A token has up to 8 KiB. */
const MAX_HEADER_BYTES = 16_384;
/** Longer than proxies keep theirs (mostly 60 s), so that it is never us who closes one that is about to be used. */
const KEEP_ALIVE_MS = 75_000;

/** @throws InkwireError `invalid_option` for a port that is taken, not allowed or none. */
export async function listenOnNode(options: NodeServerOptions): Promise<Listening> {
  const { port = 0, host = "127.0.0.1", listener, upgrade, uuid } = options;
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = options;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.max(100, Math.min(2_000, headersTimeoutMs / 2)),
      noDelay: true,
      // More than one Host is how requests are smuggled past a proxy.
      requireHostHeader: true,
    },
    listener,
  );
  // Once upgraded, a connection is none of the server's any more, and yet its end is waited for.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (req, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    if (upgrade(req, socket, head)) return;
    socket.on("error", () => {});
    refuseUpgrade(
      socket,
      new InkwireError("not_found", "There is nothing at this address."),
      uuid(),
    );
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    answerClientError(error, socket),
  );

  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void =>
      reject(
        new InkwireError(
          "invalid_option",
          `Can't listen on ${host}, port ${port} (${cause.code ?? cause.message}).`,
          {
            hint:
              cause.code === "EADDRINUSE"
                ? "Another program has the port: choose another one."
                : undefined,
            cause,
          },
        ),
      );
    server.once("error", fail);
    server.listen({ port, host }, () => {
      server.off("error", fail);
      resolve();
    });
  });
  const { port: actual } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${actual}`,
    port: actual,
    server,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** What is no request is answered by hand, and its connection is closed. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = CLIENT_ERRORS[error.code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
