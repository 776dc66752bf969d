import { InkwireError } from "../protocol/index.js";

/**
 * The JSON body of a request; `undefined` for none. No more than `maxBytes` are ever held.
 *
 * @throws InkwireError `too_large`, and `bad_request` for another content type, text that is no UTF-8 or no JSON.
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  // A web server may give an empty body where none was sent; a length says so before it is read.
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  assertJson(request.headers.get("content-type"));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InkwireError("bad_request", "Expected a body in UTF-8.");
  }
  try {
    // The parser's own message quotes the text.
    return JSON.parse(text) as unknown;
  } catch {
    throw new InkwireError("bad_request", "Expected a body of JSON.");
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof InkwireError) throw error;
    throw new InkwireError("bad_request", "The body could not be read to its end.", {
      cause: error,
    });
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** A form that another site's page posts has another content type, and never gets here with a body. */
function assertJson(contentType: string | null): void {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() === "application/json" && isUtf8) return;
  throw new InkwireError("bad_request", "Expected the content type application/json.");
}

function tooLarge(maxBytes: number): InkwireError {
  return new InkwireError("too_large", `Expected a body of at most ${maxBytes} bytes.`);
}
