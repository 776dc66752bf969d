import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAICompatibleAuthor } from "../../../src/books/authors/model/providers/openai-compatible.js";
import type { Author } from "../../../src/books/authors/author.js";
import type { ModelTimeouts } from "../../../src/books/authors/model/model-settings.js";

export interface RawServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** How many requests came. */
  readonly count: number;
  author(timeouts?: ModelTimeouts): Author;
}

/** For what a scripted mock cannot do: the handler writes the bytes of each answer itself. */
export async function startRawServer(
  handler: (
    response: ServerResponse,
    body: string,
    request: IncomingMessage,
  ) => void | Promise<void>,
): Promise<RawServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    // A client that leaves early is part of these tests.
    response.on("error", () => {});
    void readBody(request).then(
      (body) => handler(response, body, request),
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return {
    baseUrl,
    get count() {
      return count;
    },
    author: (timeouts) =>
      createOpenAICompatibleAuthor({
        provider: "openai",
        model: "raw",
        baseUrl,
        timeouts,
        coherence: false,
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Begins an event stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

/** One chunk of a chat completion, as an SSE event. */
export function chunk(delta: object, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "raw", choices })}\n\n`;
}

export const textChunk = (content: string): string => chunk({ content });
export const endOfStream = (finishReason = "stop"): string =>
  `${chunk({}, finishReason)}data: [DONE]\n\n`;

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
