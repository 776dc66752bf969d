import type { Client } from "@inkwire/client";
import { InkwireError } from "@inkwire/core/protocol";
import { readProblemJson } from "./read-book-json.js";

/** The HTTP API of a server, as far as a command calls it. */
export interface Api {
  /** @throws InkwireError with the code that the server tells. */
  json(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  file(path: string): Promise<ApiFile>;
}

export interface ApiFile {
  readonly name: string | undefined;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** An answer as JSON is never larger; a book's file may be. */
const MAX_JSON_BYTES = 16_777_216;
const MAX_FILE_BYTES = 268_435_456;
/** A server that takes longer is as good as away. */
const ANSWER_MS = 30_000;

export function createApi({ request }: Pick<Client, "request">): Api {
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const response = await request(path, { ...init, signal });
      if (response.ok) return response;
      throw await refusalOf(response);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new InkwireError("server_unreachable", "The server does not answer", { cause: error });
    }
  };
  return {
    async json(method, path, body, headers) {
      const given = new Headers(headers);
      if (body !== undefined) given.set("content-type", "application/json");
      const response = await call(path, {
        method,
        headers: given,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const bytes = await readBytes(response, MAX_JSON_BYTES);
      return bytes.length === 0 ? undefined : parseJson(bytes);
    },
    async file(path) {
      const response = await call(path, {});
      const disposition = response.headers.get("content-disposition") ?? "";
      return {
        name: /filename="([a-z0-9][a-z0-9.-]{0,120})"/.exec(disposition)?.[1],
        mediaType: response.headers.get("content-type") ?? "application/octet-stream",
        bytes: await readBytes(response, MAX_FILE_BYTES),
      };
    },
  };
}

async function refusalOf(response: Response): Promise<InkwireError> {
  const isProblem = response.headers.get("content-type")?.includes("json") === true;
  const told = isProblem ? parseJson(await readBytes(response, MAX_JSON_BYTES)) : undefined;
  return (
    readProblemJson(told) ??
    new InkwireError(
      response.status === 404 ? "not_found" : "bad_request",
      `The server answered ${response.status}: is there an inkwire server at ${new URL(response.url).origin}?`,
    )
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new InkwireError(
      "invalid_message",
      "The server's answer is no JSON: is this an inkwire server?",
    );
  }
}

async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new InkwireError("too_large", "The server's answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
