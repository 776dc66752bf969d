import type { Author } from "../../author.js";
import { createGuardedFetch } from "../guarded-fetch.js";
import { createHostedAuthor, type HostedAuthorOptions } from "./hosted-author.js";

export interface AnthropicAuthorOptions extends HostedAuthorOptions {
  readonly apiKey: string;
  /** @default "https://api.anthropic.com/v1" */
  readonly baseUrl?: string | undefined;
}

/**
 * An author at Anthropic, by its Messages interface.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export function createAnthropicAuthor(options: AnthropicAuthorOptions): Author {
  const { model, apiKey, baseUrl = "https://api.anthropic.com/v1" } = options;
  return createHostedAuthor("anthropic", baseUrl, options, async (baseURL, label, fetching) => {
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    const fetch = createGuardedFetch(label, fetching);
    return createAnthropic({ baseURL, apiKey, fetch }).languageModel(model);
  });
}
