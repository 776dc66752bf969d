import { InkwireError } from "../../../../protocol/index.js";
import type { Author } from "../../author.js";
import { createGuardedFetch } from "../guarded-fetch.js";
import { createModelAuthor, type ModelAuthorOptions } from "../model-author.js";
import type { ModelObject } from "../read-model.js";

export interface OpenAICompatibleAuthorOptions extends Pick<
  ModelAuthorOptions,
  "concurrency" | "timeouts" | "fallbackOutline" | "now"
> {
  /** The first part of the author's id: `openai`, `local`. */
  readonly provider: string;
  /** As the server calls it: `gpt-5-mini`, `llama3:8b`. */
  readonly model: string;
  /** Without `/chat/completions`: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. @default none, as local servers need none */
  readonly apiKey?: string | undefined;
  /** @default `<model> at <host>` */
  readonly label?: string | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * An author behind any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Ollama, LM Studio, llama.cpp,
 * vLLM and many more.
 *
 * @throws InkwireError `invalid_option` for a base URL that is none.
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAICompatibleAuthor(options: OpenAICompatibleAuthorOptions): Author {
  const { provider, model, apiKey, fetch } = options;
  const baseUrl = parseBaseUrl(options.baseUrl);
  const label = options.label ?? `${model} at ${baseUrl.host}`;
  let loading: Promise<ModelObject> | undefined;

  const load = async (): Promise<ModelObject> => {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    return createOpenAICompatible({
      name: provider,
      baseURL: baseUrl.href.replace(/\/+$/, ""),
      ...(apiKey === undefined ? {} : { apiKey }),
      fetch: createGuardedFetch(label, fetch),
      includeUsage: true,
      // Whether a server really can is found out by asking: see write-outline.ts.
      supportsStructuredOutputs: true,
    }).chatModel(model);
  };

  return createModelAuthor({
    id: `${provider}:${model}`,
    label,
    billing: { model, endpoint: baseUrl.href },
    languageModel: () => (loading ??= load()),
    concurrency: options.concurrency,
    timeouts: options.timeouts,
    fallbackOutline: options.fallbackOutline,
    now: options.now,
    secrets: apiKey === undefined ? [] : [apiKey],
  });
}

/** @throws InkwireError `invalid_option`, which never repeats the URL: people put passwords into it. */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const is = url !== undefined && (url.protocol === "https:" || url.protocol === "http:");
  if (!is || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new InkwireError(
      "invalid_option",
      "Expected the base URL to be http:// or https:// without user, password, query and fragment, such as https://api.openai.com/v1.",
    );
  }
  return url;
}
