import { InkwireError, isInkwireError, isRefusalCode } from "@inkwire/core/protocol";
import type { Client } from "../types.js";

/** No answer of ours is nearly as long. */
const MAX_ANSWER_LENGTH = 16 * 1024 * 1024;

/** What JSON can say. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The JSON object that the server answers; `{}` for an empty answer.
 *
 * @throws InkwireError for everything else: a refusal's own code, `server_failed` (another status, no JSON: a login page, a
 *   proxy's error), `too_large`, and what `client.request` throws.
 */
export async function requestJson(
  client: Pick<Client, "request">,
  path: string,
  init?: RequestInit,
): Promise<Json> {
  let response: Response;
  let text: string;
  try {
    response = await client.request(path, init);
    text = await readText(response);
  } catch (error) {
    if (isInkwireError(error)) throw error;
    const message = "The answer could not be read";
    throw new InkwireError("server_unreachable", message, { retryable: true, cause: error });
  }
  const { ok, status, headers } = response;
  const body = parseObject(text);
  if (ok && body !== undefined) return body;
  const { code, detail } = body ?? {};
  const isRefusal = !ok && typeof code === "string" && isRefusalCode(code);
  throw new InkwireError(
    isRefusal ? code : status === 404 ? "not_found" : "server_failed",
    isRefusal && typeof detail === "string"
      ? detail
      : `The server answered ${status}${ok ? " with something that is no JSON object" : ""}`,
    {
      retryable: ok || status === 408 || status === 429 || status >= 500,
      retryAfterMs: Number(headers.get("retry-after")) * 1000 || undefined,
    },
  );
}

/** What to throw for an answer that is JSON and not what was asked for. */
export function unexpected(what: string): InkwireError {
  return new InkwireError("server_failed", `The server's ${what} has another shape than expected`, {
    retryable: true,
  });
}

async function readText({ body }: Response): Promise<string> {
  let text = "";
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return text;
    text += part.value;
    if (text.length > MAX_ANSWER_LENGTH) {
      void reader?.cancel();
      throw new InkwireError("too_large", `The answer is longer than ${MAX_ANSWER_LENGTH}`);
    }
  }
}

function parseObject(text: string): Json | undefined {
  try {
    const value = (text === "" ? {} : JSON.parse(text)) as Json | null;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
