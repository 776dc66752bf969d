import { readToken } from "../auth/token-sources.js";
import { InkwireError } from "../protocol/index.js";
import { admit, mustComeBack, refusalCodeOf, type Admission } from "./admission.js";
import type { Doorman } from "./doorman.js";
import type { Frames } from "./frames.js";
import type { Hub } from "./hub.js";
import { openNodeSse, type SseFrames } from "./sse-node.js";
import { WebSseWire } from "./sse-web.js";
import { comeBackBytes, initialRetryMs, SSE_HEADERS } from "./sse.js";
import type { Gateway, NodeExchange } from "./types.js";

/** `GET /events`. */
export function eventsHandler(hub: Hub, doorman: Doorman, frames: SseFrames): Gateway["events"] {
  const { options } = hub;

  return async (request, node, headers = {}) => {
    let admission: Admission | undefined;
    try {
      doorman.checkOpen();
      admission = await admit(request, readToken(request, { query: options.queryToken }), options);
      doorman.makeRoom(admission.identity);
    } catch (error) {
      const code = refusalCodeOf(error);
      hub.totals.refused += 1;
      if (code !== undefined) {
        const userId = admission?.identity.userId;
        options.onEvent({ kind: "refused", transport: "sse", code, userId });
      }
      if (!mustComeBack(error) || !isNative(request, options.queryToken)) throw error;
      const retryMs = Math.max(1, Math.floor(error.retryAfterMs ?? 0));
      const bytes = comeBackBytes(frames.plain, retryMs, options.now());
      return answerWhole(bytes, node, headers);
    }
    const retryMs = initialRetryMs(options.random);
    if (node === undefined || node.req.httpVersionMajor >= 2) {
      return openOnStream(doorman, frames.plain, admission, request, headers, retryMs);
    }
    const wire = openNodeSse(node.res, frames, headers, retryMs);
    if (wire === undefined) throw notReady();
    const connection = doorman.letIn(wire, admission);
    wire.own(connection);
    connection.open(admission.topics, admission.after);
    return undefined;
  };
}

/** A client that can't send a header is a native EventSource, for which any status but 200 is the end. */
function isNative(request: Request, queryToken: boolean): boolean {
  return (
    readToken(request, { query: false }) === undefined &&
    readToken(request, { query: queryToken }) !== undefined
  );
}

function openOnStream(
  doorman: Doorman,
  frames: Frames,
  admission: Admission,
  request: Request,
  headers: Readonly<Record<string, string>>,
  retryMs: number,
): Response {
  const wire = new WebSseWire(frames, headers, request.signal);
  const connection = doorman.letIn(wire, admission);
  wire.own(connection);
  wire.writeRetry(retryMs);
  connection.open(admission.topics, admission.after);
  // It may have gone while its token was checked, and `abort` is told only once.
  if (request.signal.aborted) connection.ended();
  return wire.response;
}

function answerWhole(
  bytes: Uint8Array,
  node: NodeExchange | undefined,
  headers: Readonly<Record<string, string>>,
): Response | undefined {
  if (node === undefined) {
    return new Response(new Uint8Array(bytes), { headers: { ...headers, ...SSE_HEADERS } });
  }
  node.res.writeHead(200, { ...headers, ...SSE_HEADERS });
  node.res.end(bytes);
  return undefined;
}

/** The peer went while its token was checked, or something else has answered already: nobody is there to be told. */
function notReady(): InkwireError {
  return new InkwireError("aborted", "The response can't take a stream any more.");
}
