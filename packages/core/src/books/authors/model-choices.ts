import { basename, isAbsolute } from "node:path";
import { InkwireError } from "../../protocol/index.js";
import type { AuthorChoice, ChooseAuthorOptions } from "./choose.js";
import type { HostedProvider } from "./model/hosted-providers.js";
import type { LocalServer } from "./model/local-servers.js";
import { endpointOf, readProviderSettings } from "./model/provider-settings.js";
import { createAnthropicAuthor } from "./model/providers/anthropic.js";
import { createGgufAuthor } from "./model/providers/gguf.js";
import { createOpenAIAuthor } from "./model/providers/openai.js";
import { createOpenAICompatibleAuthor } from "./model/providers/openai-compatible.js";

type Options = Pick<
  ChooseAuthorOptions,
  "env" | "fallbackOutline" | "localFiles" | "gguf" | "rates"
>;

/** A local model has one machine to itself; a provider has many. */
const localConcurrency = 1;
const providerConcurrency = 3;

/** @throws InkwireError `author_unavailable` without its key or a model, `invalid_option` for settings that make no sense. */
export function createHostedChoice(
  { env, fallbackOutline, rates }: Options,
  provider: HostedProvider,
  wanted: string | undefined,
  reason: string,
): AuthorChoice {
  const { baseUrl, apiKey, isLocal, model = "" } = readProviderSettings(provider, env);
  const { id: name, keyVariable, baseUrlVariable, modelVariable } = provider;
  if (apiKey === undefined && !isLocal) {
    throw new InkwireError("author_unavailable", `${keyVariable} is not set.`, {
      hint: `Set it, or set ${baseUrlVariable} to a server on this machine, or choose the author offline.`,
    });
  }
  const writesWith = wanted ?? model;
  if (writesWith === "") {
    throw new InkwireError("author_unavailable", `No model of ${provider.name} is named.`, {
      hint: `Ask for ${name}:MODEL, or set ${modelVariable}.`,
    });
  }
  const label = `${writesWith} at ${new URL(baseUrl).host}`;
  const options = {
    model: writesWith,
    label,
    concurrency: isLocal ? localConcurrency : providerConcurrency,
    fallbackOutline,
    rates,
  };
  return {
    id: `${name}:${writesWith}`,
    label,
    reason,
    endpoint: endpointOf(baseUrl, writesWith),
    create() {
      const isOwn = baseUrl === provider.baseUrl;
      if (provider.speaks === "anthropic") {
        return createAnthropicAuthor({ ...options, baseUrl, apiKey: apiKey ?? "none" });
      }
      // What calls itself compatible knows chat completions, and seldom anything newer.
      return provider.speaks === "openai" && isOwn && apiKey !== undefined
        ? createOpenAIAuthor({ ...options, apiKey })
        : createOpenAICompatibleAuthor({ ...options, provider: name, baseUrl, apiKey });
    },
  };
}

export function createLocalChoice(
  { fallbackOutline, rates }: Options,
  { baseUrl, models, name }: LocalServer,
  model = models[0] ?? "",
  reason: string,
): AuthorChoice {
  const label = `${model} at ${new URL(baseUrl).host} (${name})`;
  return {
    id: `local:${model}`,
    label,
    reason,
    endpoint: endpointOf(baseUrl, model),
    create: () =>
      createOpenAICompatibleAuthor({
        provider: "local",
        model,
        baseUrl,
        label,
        concurrency: localConcurrency,
        fallbackOutline,
        rates,
      }),
  };
}

/** @throws InkwireError `author_unavailable` where files may not be named, or for a path that is not absolute. */
export function createGgufChoice(
  { env, fallbackOutline, localFiles = false, gguf = createGgufAuthor }: Options,
  file: string,
  reason: string,
): AuthorChoice {
  if (!localFiles) {
    throw new InkwireError("author_unavailable", "Model files can't be named here.", {
      hint: "A server does not open files that a request names.",
    });
  }
  if (!isAbsolute(file)) {
    throw new InkwireError("author_unavailable", "gguf: expected the absolute path of a file.", {
      hint: "Such as gguf:/models/llama.gguf, without spaces and commas.",
    });
  }
  const label = `${basename(file)} in this process (node-llama-cpp)`;
  const threads = Number(env["INKWIRE_GGUF_THREADS"] ?? "");
  return {
    id: `gguf:${file}`,
    label,
    reason,
    endpoint: file,
    create: () =>
      gguf({
        file,
        label,
        fallbackOutline,
        ...(Number.isSafeInteger(threads) && threads > 0 ? { threads } : {}),
      }),
  };
}
