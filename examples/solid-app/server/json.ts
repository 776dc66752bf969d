import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

const MAX_BODY_BYTES = 32_768;

/** Browsers say where a request comes from; what comes from another page is not answered. */
export function isFromHere({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin";
}

/** The JSON object of a body; an empty one for everything else. */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of req as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES) return {};
      parts.push(part);
    }
    return { ...(JSON.parse(Buffer.concat(parts).toString("utf8")) as object) };
  } catch {
    return {};
  }
}

export function sendJson(
  res: ServerResponse,
  status: number,
  value: object,
  headers: OutgoingHttpHeaders = {},
): void {
  res
    .writeHead(status, {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...headers,
    })
    .end(JSON.stringify(value));
}
