import { InkwireError } from "../../../protocol/index.js";
import { isLoopback, localEndpoints, type LocalEndpoint } from "./local-servers.js";
import { parseBaseUrl } from "./providers/openai-compatible.js";

/** Variables of the environment; only those named in {@link readOpenAISettings} are read. */
export type Environment = Readonly<Record<string, string | undefined>>;

const defaultOpenAIBaseUrl = "https://api.openai.com/v1";
/** Written with when no model is named. */
const defaultOpenAIModel = "gpt-5-mini";

/** What the environment says about OpenAI, or a server that speaks like it. */
export interface OpenAISettings {
  readonly baseUrl: string;
  /** Never shown. */
  readonly apiKey: string | undefined;
  /** For when no model is named. */
  readonly model: string;
  /** It leads to this machine, where no key is needed. */
  readonly isLocal: boolean;
}

/**
 * Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL` (default `https://api.openai.com/v1`) and `OPENAI_MODEL` (default `gpt-5-mini`).
 * Blank ones count as not set.
 *
 * @throws InkwireError `invalid_option` that names the variable and never repeats its value.
 */
export function readOpenAISettings(env: Environment): OpenAISettings {
  const apiKey = blankAsUnset(env["OPENAI_API_KEY"]);
  // A header takes nothing else, and its own complaint would repeat the key.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new InkwireError(
      "invalid_option",
      "OPENAI_API_KEY holds white space or other characters that no key has.",
    );
  }
  const baseUrl = blankAsUnset(env["OPENAI_BASE_URL"]) ?? defaultOpenAIBaseUrl;
  try {
    parseBaseUrl(baseUrl);
  } catch (error) {
    throw new InkwireError(
      "invalid_option",
      `OPENAI_BASE_URL is no address of a server: expected http:// or https:// without user, password and query, such as ${defaultOpenAIBaseUrl}.`,
      { cause: error },
    );
  }
  const model = blankAsUnset(env["OPENAI_MODEL"]) ?? defaultOpenAIModel;
  return { baseUrl, apiKey, model, isLocal: isLoopback(baseUrl) };
}

/** What may be tried on this machine: the usual servers, after the one of `OPENAI_BASE_URL` where that is on this machine. */
export function localEndpointsOf(env: Environment): readonly LocalEndpoint[] {
  const baseUrl = blankAsUnset(env["OPENAI_BASE_URL"])?.replace(/\/+$/, "");
  if (baseUrl === undefined || !isLoopback(baseUrl)) return localEndpoints;
  if (localEndpoints.some((endpoint) => endpoint.baseUrl === baseUrl)) return localEndpoints;
  return [{ name: "OPENAI_BASE_URL", baseUrl }, ...localEndpoints];
}

function blankAsUnset(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}
