import type { Author } from "../../author.js";
import { createGuardedFetch } from "../guarded-fetch.js";
import { createHostedAuthor, type HostedAuthorOptions } from "./hosted-author.js";

export interface OpenAIAuthorOptions extends HostedAuthorOptions {
  readonly apiKey: string;
  /** @default "https://api.openai.com/v1" */
  readonly baseUrl?: string | undefined;
}

/**
 * An author at OpenAI itself, by its Responses interface. Nothing is left there: `store` is off.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export function createOpenAIAuthor(options: OpenAIAuthorOptions): Author {
  const { model, apiKey, baseUrl = "https://api.openai.com/v1" } = options;
  return createHostedAuthor(
    "openai",
    baseUrl,
    options,
    async (baseURL, label, fetching) => {
      const { createOpenAI } = await import("@ai-sdk/openai");
      const fetch = createGuardedFetch(label, fetching);
      return createOpenAI({ baseURL, apiKey, fetch }).responses(model);
    },
    { openai: { store: false } },
  );
}
