import { type InkwireError, isInkwireError } from "../../protocol/index.js";
import { chooseAuthor, type ChooseAuthorOptions } from "./choose.js";
import { localEndpoints, probeLocalServers, type LocalServer } from "./model/local-servers.js";
import {
  localEndpointsOf,
  readOpenAISettings,
  type Environment,
  type OpenAISettings,
} from "./model/openai-settings.js";

/** One row of what could write. Holds no key. */
export interface AuthorCandidate {
  readonly id: string;
  readonly label: string;
  readonly available: boolean;
  readonly chosen: boolean;
  /** Why it was chosen, or would do, or cannot. */
  readonly reason: string;
}

/** All that could write, in the order of preference, the chosen one marked: what `doctor` prints. Probes always. */
export async function listAuthors(
  options: ChooseAuthorOptions,
): Promise<readonly AuthorCandidate[]> {
  const { env, probe = probeLocalServers } = options;
  const servers = await probe(localEndpointsOf(env));
  const known: ChooseAuthorOptions = { ...options, probe: () => Promise.resolve(servers) };
  const choice = await chooseAuthor(known).catch(asInkwireError);

  const rows = [describeOpenAI(env), ...describeLocal(servers)];
  if (options.markdown !== undefined) {
    rows.unshift(row("markdown", "your own Markdown", true, "a source was given"));
  }
  const offlineReason = "it needs no model: it plans the book, it does not write it";
  rows.push(row("offline", "the offline planner", true, offlineReason));
  if (isInkwireError(choice)) {
    return [row(options.author ?? "auto", "what was asked for", false, choice.message), ...rows];
  }
  const others = rows.filter(({ id }) => id !== choice.id);
  return [{ ...row(choice.id, choice.label, true, choice.reason), chosen: true }, ...others];
}

function describeOpenAI(env: Environment): AuthorCandidate {
  const settings = trySettings(env);
  if (isInkwireError(settings)) {
    return row("openai", "OpenAI and compatible servers", false, settings.message);
  }
  const { model, baseUrl, apiKey, isLocal } = settings;
  const id = `openai:${model}`;
  const label = `${model} at ${new URL(baseUrl).host}`;
  if (apiKey !== undefined) return row(id, label, true, "OPENAI_API_KEY is set");
  if (!isLocal) return row(id, label, false, "OPENAI_API_KEY is not set");
  return row(id, label, true, "OPENAI_BASE_URL is on this machine and needs no key");
}

function describeLocal(servers: readonly LocalServer[]): AuthorCandidate[] {
  if (servers.length === 0) {
    const hosts = localEndpoints
      .map(({ name, baseUrl }) => `${name} (${new URL(baseUrl).host})`)
      .join(", ");
    return [row("local", "a model on this machine", false, `none of ${hosts} answers`)];
  }
  return servers.map(({ name, baseUrl, models }) => {
    const [first = ""] = models;
    const more = models.length === 1 ? "" : `, with ${models.length - 1} more`;
    return row(
      `local:${first}`,
      `${first} at ${new URL(baseUrl).host} (${name})`,
      true,
      `${name} answers${more}`,
    );
  });
}

function row(id: string, label: string, available: boolean, reason: string): AuthorCandidate {
  return { id, label, available, chosen: false, reason };
}

function trySettings(env: Environment): OpenAISettings | InkwireError {
  try {
    return readOpenAISettings(env);
  } catch (error) {
    return asInkwireError(error);
  }
}

function asInkwireError(error: unknown): InkwireError {
  if (isInkwireError(error)) return error;
  throw error;
}
