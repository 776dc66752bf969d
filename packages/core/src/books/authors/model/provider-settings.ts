import { InkwireError } from "../../../protocol/index.js";
import type { HostedProvider } from "./hosted-providers.js";
import { isLoopback, localEndpoints, type LocalEndpoint } from "./local-servers.js";
import { parseBaseUrl } from "./providers/base-url.js";

/** Variables of the environment; only those that a provider names, and `OLLAMA_HOST`, are read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says about a provider. */
export interface ProviderSettings {
  readonly baseUrl: string;
  /** Never shown. */
  readonly apiKey: string | undefined;
  /** For when no model is named. */
  readonly model: string | undefined;
  /** It leads to this machine, where no key is needed. */
  readonly isLocal: boolean;
}

/**
 * Reads a provider's key, base URL and model, such as `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL`. Blank ones
 * count as not set.
 *
 * @throws InkwireError `invalid_option` that names the variable and never repeats its value.
 */
export function readProviderSettings(provider: HostedProvider, env: Environment): ProviderSettings {
  const { keyVariable, baseUrlVariable, modelVariable } = provider;
  const apiKey = blankAsUnset(env[keyVariable]);
  // A header takes nothing else, and its own complaint would repeat the key.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new InkwireError(
      "invalid_option",
      `${keyVariable} holds white space or other characters that no key has.`,
    );
  }
  const baseUrl = blankAsUnset(env[baseUrlVariable]) ?? provider.baseUrl;
  try {
    parseBaseUrl(baseUrl);
  } catch (error) {
    throw new InkwireError(
      "invalid_option",
      `${baseUrlVariable} is no address of a server: expected http:// or https:// without user, password and query, such as ${provider.baseUrl}.`,
      { cause: error },
    );
  }
  const model = blankAsUnset(env[modelVariable]) ?? provider.defaultModel;
  return { baseUrl, apiKey, model, isLocal: isLoopback(baseUrl) };
}

/** Names a model of a server, the same however the address of this machine is spelled. */
export function endpointOf(baseUrl: string, model: string): string {
  const url = new URL(baseUrl);
  if (isLoopback(baseUrl)) url.hostname = "127.0.0.1";
  return `${url.href.replace(/\/+$/, "")} ${model}`;
}

/**
 * What may be tried on this machine: the usual servers, after those of `OPENAI_BASE_URL` and `OLLAMA_HOST` where these are
 * on this machine.
 */
export function localEndpointsOf(env: Environment): readonly LocalEndpoint[] {
  const own: LocalEndpoint[] = [];
  const add = (name: string, baseUrl: string | undefined): void => {
    if (baseUrl === undefined || !isLoopback(baseUrl)) return;
    const known = [...own, ...localEndpoints].some((endpoint) => endpoint.baseUrl === baseUrl);
    if (!known) own.push({ name, baseUrl });
  };
  add("OPENAI_BASE_URL", blankAsUnset(env["OPENAI_BASE_URL"])?.replace(/\/+$/, ""));
  add("Ollama", ollamaUrl(blankAsUnset(env["OLLAMA_HOST"])));
  return [...own, ...localEndpoints];
}

/**
 * `OLLAMA_HOST` as Ollama itself takes it: a host, a port or both, with a scheme or without. One that is bound to all
 * addresses answers on this machine as well.
 *
 * @see https://github.com/ollama/ollama/blob/main/envconfig/config.go
 */
function ollamaUrl(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const [, scheme = "http", rest = ""] = /^(?:(https?):\/\/)?(.*?)\/*$/.exec(host) ?? [];
  const text = `${scheme}://${rest.startsWith(":") ? `127.0.0.1${rest}` : rest}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  const hasPort = /:\d+$/.test(rest);
  if (!hasPort) url.port = "11434";
  return `${url.origin}/v1`;
}

function blankAsUnset(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}
