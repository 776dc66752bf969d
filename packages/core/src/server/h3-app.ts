import { defineWebSocketHandler, H3, type H3Event } from "h3";
import { toNodeHandler } from "h3/node";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gateway } from "../transports/types.js";
import type { FrontDoor } from "./front-door.js";
import type { Incoming, NodePair, Route } from "./route.js";
import { WEBSOCKET } from "./routes/events.js";
import { missingRoute, wrongMethodRoute } from "./routes/fallbacks.js";

export interface H3AppOptions {
  readonly routes: readonly Route[];
  readonly frontDoor: FrontDoor;
  readonly basePath: string;
  /** Hooks of crossws, for runtimes whose server looks for them on the answer. */
  readonly websocket: Gateway["websocket"];
  readonly address: ((request: Request) => string | undefined) | undefined;
}

export type { H3 };

export type NodeListener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * The routes as an h3 app: h3 finds the route, and the front door does all else, so that the app behaves the same wherever
 * it is mounted.
 */
export function createH3App(options: H3AppOptions): {
  readonly app: H3;
  readonly listener: NodeListener;
} {
  const { routes, frontDoor, basePath, websocket, address } = options;
  // A path that can't be decoded is a path that is not there.
  const app = new H3({ silent: true, allowMalformedURL: true });

  // Responses that came in by our own listener, where nobody waits for the end of a handler.
  const ownResponses = new WeakSet<ServerResponse>();

  const serve = async (event: H3Event, route: Route): Promise<Response> => {
    const incoming = incomingOf(event, address);
    const response = await frontDoor.serve(route, incoming);
    if (response !== undefined) return response;
    const { node } = incoming;
    if (node !== undefined) await (ownResponses.has(node.res) ? never() : endOf(node));
    return new Response(null);
  };

  for (const [path, there] of groupByPath(routes)) {
    const full = basePath + path;
    const methods = there.flatMap(methodsOf);
    for (const route of there) {
      const answer = (event: H3Event) => serve(event, route);
      const handler = route.id === WEBSOCKET ? defineWebSocketHandler(websocket, answer) : answer;
      for (const method of methodsOf(route)) app.on(method as "GET", full, handler);
    }
    app.on("OPTIONS", full, (event) => frontDoor.preflight(methods, incomingOf(event, address)));
    const wrong = wrongMethodRoute(path, methods);
    app.all(full, (event) => serve(event, wrong));
  }
  app.all("/**", (event) => serve(event, missingRoute));
  const handle = toNodeHandler(app);
  const listener: NodeListener = (req, res) => {
    ownResponses.add(res);
    void handle(req, res);
  };
  return { app, listener };
}

/** A HEAD is a GET whose body h3 leaves out; a stream has no end that could be left out. */
function methodsOf({ method, bucket }: Route): readonly string[] {
  return method === "GET" && bucket !== "connect" ? ["GET", "HEAD"] : [method];
}

function groupByPath(routes: readonly Route[]): Map<Route["path"], Route[]> {
  const paths = new Map<Route["path"], Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
}

function incomingOf(event: H3Event, address: H3AppOptions["address"]): Incoming {
  const { req: request, runtime } = event;
  const { req, res } = (runtime?.node ?? {}) as Partial<NodePair>;
  // HTTP/2 has no socket of its own for each answer.
  const node =
    req !== undefined && res !== undefined && req.httpVersionMajor === 1 ? { req, res } : undefined;
  return {
    request,
    params: event.context.params ?? {},
    peer: address?.(request) ?? request.ip,
    node,
  };
}

/**
 * h3 would end the response once its handler is done. A promise that nobody can settle is garbage at once, and with it all
 * that waits for it: the request, its address, its headers. Else they would be kept for as long as the stream.
 */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** The same, for who has mounted the app and counts on the handler's end: it lasts as long as the stream. */
function endOf({ res }: NodePair): Promise<void> {
  return new Promise((resolve) => {
    if (res.closed) resolve();
    else res.once("close", resolve);
  });
}
