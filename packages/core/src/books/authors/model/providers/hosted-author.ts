import type { Author } from "../../author.js";
import { createModelAuthor, type ModelAuthorOptions } from "../model-author.js";
import { createHeardFetch, createRateGates, type RateGates } from "../rate-gate.js";
import type { ModelObject } from "../read-model.js";
import { parseBaseUrl } from "./base-url.js";

export interface HostedAuthorOptions extends Pick<
  ModelAuthorOptions,
  "concurrency" | "coherence" | "timeouts" | "fallbackOutline" | "now"
> {
  /** As the server calls it: `gpt-5-mini`, `llama3:8b`. */
  readonly model: string;
  /** @default none, as local servers need none */
  readonly apiKey?: string | undefined;
  /** @default `<model> at <host>` */
  readonly label?: string | undefined;
  /** Shared by all authors of a process, so that what a provider says to one counts for all. @default one of its own */
  readonly rates?: RateGates | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What every author behind an address has in common. `load` is called once, by the first request. */
export function createHostedAuthor(
  provider: string,
  address: string,
  options: HostedAuthorOptions,
  load: (baseUrl: string, label: string, fetch: typeof globalThis.fetch) => Promise<ModelObject>,
  providerOptions?: ModelAuthorOptions["providerOptions"],
): Author {
  const { model, apiKey } = options;
  const baseUrl = parseBaseUrl(address);
  const label = options.label ?? `${model} at ${baseUrl.host}`;
  // Limits belong to a key: another one at the same address has its own.
  const gate = (options.rates ?? createRateGates()).of(`${baseUrl.host} ${apiKey ?? ""}`);
  let loading: Promise<ModelObject> | undefined;
  return createModelAuthor({
    id: `${provider}:${model}`,
    label,
    billing: { model, endpoint: baseUrl.href },
    languageModel: () =>
      (loading ??= load(
        baseUrl.href.replace(/\/+$/, ""),
        label,
        createHeardFetch(gate, options.fetch),
      )),
    concurrency: options.concurrency,
    gate,
    coherence: options.coherence,
    timeouts: options.timeouts,
    fallbackOutline: options.fallbackOutline,
    now: options.now,
    secrets: apiKey === undefined ? [] : [apiKey],
    providerOptions,
  });
}
