import type { Author } from "../../author.js";
import { createGuardedFetch } from "../guarded-fetch.js";
import { createHostedAuthor, type HostedAuthorOptions } from "./hosted-author.js";

export interface OpenAICompatibleAuthorOptions extends HostedAuthorOptions {
  /** The first part of the author's id: `openai`, `local`. */
  readonly provider: string;
  /** Without `/chat/completions`: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
}

/**
 * An author behind any server that speaks OpenAI's chat completions: OpenRouter, Ollama, LM Studio, llama.cpp, vLLM and
 * many more.
 *
 * @throws InkwireError `invalid_option` for a base URL that is none.
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAICompatibleAuthor(options: OpenAICompatibleAuthorOptions): Author {
  const { provider, model, apiKey, baseUrl } = options;
  return createHostedAuthor(provider, baseUrl, options, async (baseURL, label, fetching) => {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    return createOpenAICompatible({
      name: provider,
      baseURL,
      ...(apiKey === undefined ? {} : { apiKey }),
      fetch: createGuardedFetch(label, fetching),
      includeUsage: true,
      // Whether a server really can is found out by asking: see write-outline.ts.
      supportsStructuredOutputs: true,
    }).chatModel(model);
  });
}
