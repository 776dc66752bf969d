import { LLMock } from "@copilotkit/aimock";
import type { Author } from "../../../src/books/authors/author.js";
import {
  createOpenAICompatibleAuthor,
  type OpenAICompatibleAuthorOptions,
} from "../../../src/books/authors/model/providers/openai-compatible.js";

export interface MockLlm extends AsyncDisposable {
  readonly mock: LLMock;
  readonly baseUrl: string;
  /** An author that writes with this server. */
  author(options?: Partial<OpenAICompatibleAuthorOptions>): Author;
  /** The bodies of all chat requests so far, in order. */
  requests(): Array<{
    readonly messages: ReadonlyArray<{ readonly role: string; readonly content: unknown }>;
    readonly response_format?: unknown;
    readonly stream?: boolean;
  }>;
}

/** A scripted OpenAI-compatible server on a free port. */
export async function startMockLlm(): Promise<MockLlm> {
  const mock = new LLMock({ port: 0, logLevel: "silent", strict: true });
  await mock.start();
  const baseUrl = `${mock.url}/v1`;
  return {
    mock,
    baseUrl,
    author: (options = {}) =>
      createOpenAICompatibleAuthor({
        provider: "openai",
        model: "mock",
        baseUrl,
        apiKey: testKey,
        // Two more requests a chapter: only the tests that are about them want those.
        coherence: false,
        ...options,
      }),
    requests: () =>
      mock
        .getRequests()
        .filter(({ path }) => path.endsWith("/chat/completions"))
        // aimock types the body of all its services as one union.
        .map(({ body }) => body as unknown as ReturnType<MockLlm["requests"]>[number]),
    [Symbol.asyncDispose]: () => mock.stop(),
  };
}

/** Must never be seen in a message. */
export const testKey = "sk-test-0123456789abcdef";
