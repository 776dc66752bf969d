import { setTimeout as delay } from "node:timers/promises";
import { createOpenAICompatibleAuthor } from "../../../src/books/authors/model/providers/openai-compatible.js";
import type { Author } from "../../../src/books/authors/author.js";
import { beginStream, chunk, startRawServer, textChunk } from "./raw-server.js";

/** One request as the provider saw it. */
export interface PaidRequest {
  /** The first line of its last message, such as `[inkwire chapter 3 of 12]`. */
  readonly marker: string;
  readonly maxTokens: number | undefined;
  /** The client went away before the end. */
  cut: boolean;
}

export interface PaidServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** The provider's own book-keeping: what really was asked. */
  readonly journal: PaidRequest[];
  author(concurrency?: number): Author;
}

export interface PaidServerOptions {
  /** What the provider says that one answer took. @default 1,000 in, 500 out, 200 of them from its cache */
  readonly usage?: { readonly input: number; readonly output: number; readonly cached?: number };
  /** Milliseconds between two sentences of a chapter. @default 0 */
  readonly pauseMs?: number;
  /** Sentences of a chapter, of 9 words. @default 12 */
  readonly sentences?: number;
  /** Instead of an answer; for requests in the order they come, from 1. */
  readonly fail?: (count: number) => number | undefined;
  /** Which requests get the beginning of an answer, and never its end. */
  readonly hang?: (count: number) => boolean;
}

/** A provider that writes whole books, says what it used, and keeps a journal of what it was asked. */
export async function startPaidServer(options: PaidServerOptions = {}): Promise<PaidServer> {
  const {
    usage = { input: 1_000, output: 500, cached: 200 },
    pauseMs = 0,
    sentences = 12,
  } = options;
  const journal: PaidRequest[] = [];
  const server = await startRawServer(async (response, text) => {
    const body = JSON.parse(text) as {
      readonly messages: ReadonlyArray<{ readonly content: string }>;
      readonly max_tokens?: number;
    };
    const marker = body.messages.at(-1)?.content.split("\n", 1)[0] ?? "";
    const request: PaidRequest = { marker, maxTokens: body.max_tokens, cut: false };
    journal.push(request);
    const status = options.fail?.(journal.length);
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    response.on("close", () => (request.cut = !response.writableEnded));
    beginStream(response);
    const chapters = /Plan a book in (\d+)/.exec(body.messages.at(-1)?.content ?? "")?.[1];
    if (marker.startsWith("[inkwire outline")) {
      const whole = outline(Number(chapters ?? 1));
      if (options.hang?.(journal.length) === true) {
        response.write(textChunk(whole.slice(0, whole.length / 2)));
        return;
      }
      response.write(textChunk(whole));
    } else {
      for (let sentence = 1; sentence <= sentences && !response.destroyed; sentence += 1) {
        response.write(textChunk(`Sentence number ${sentence} says that the tide comes in. `));
        if (pauseMs > 0) await delay(pauseMs);
      }
    }
    const used = {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
    };
    response.write(chunk({}, "stop"));
    const last = { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [] };
    response.end(`data: ${JSON.stringify({ ...last, usage: used })}\n\ndata: [DONE]\n\n`);
  });
  return {
    baseUrl: server.baseUrl,
    journal,
    author: (concurrency = 1) =>
      createOpenAICompatibleAuthor({
        coherence: false,
        provider: "openai",
        model: "paid",
        baseUrl: server.baseUrl,
        concurrency,
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function outline(count: number): string {
  const chapters = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    title: `Part ${index + 1}`,
    summary: `What happens in part ${index + 1}, told so that one could write it.`,
    words: 100,
  }));
  return JSON.stringify({ premise: "The sea gives and takes.", chapters });
}
