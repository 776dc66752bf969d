import { InkwireError } from "../../../protocol/index.js";

/** One line of an event stream; a piece of text has some hundred bytes. */
const maxLineBytes = 1_048_576;
/** Of the body of a refusal: enough for any message. */
const maxErrorBytes = 65_536;
const lineFeed = 0x0a;

/**
 * A `fetch` for model servers that holds what a parser would have to hold: a line of the stream is bounded, so is the body
 * of a refusal, and an answer that is no event stream is named as what it is.
 *
 * @param who - for messages.
 */
export function createGuardedFetch(
  who: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    if (!response.ok)
      return withBody(response, response.body.pipeThrough(firstBytes(maxErrorBytes)));

    const type =
      (response.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (type === "text/html" || type === "application/json") {
      await response.body.cancel().catch(() => {});
      throw new InkwireError(
        "provider_failed",
        `${who} answered with ${type === "text/html" ? "a web page" : "a whole document"} (${type}) instead of a stream.`,
        { hint: "Check the base URL, which usually ends in /v1, and that the server can stream." },
      );
    }
    return withBody(response, response.body.pipeThrough(boundedLines(who)));
  };
}

function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function boundedLines(who: string): TransformStream<Uint8Array, Uint8Array> {
  let lineBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const lastBreak = chunk.lastIndexOf(lineFeed);
      lineBytes = lastBreak === -1 ? lineBytes + chunk.length : chunk.length - lastBreak - 1;
      if (lineBytes <= maxLineBytes) {
        controller.enqueue(chunk);
        return;
      }
      throw new InkwireError("output_invalid", `${who} sent a line of over ${maxLineBytes} bytes.`);
    },
  });
}

function firstBytes(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}
