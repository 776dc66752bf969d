import { type InkwireError, isInkwireError } from "../../protocol/index.js";
import { chooseAuthor, type ChooseAuthorOptions } from "./choose.js";
import { hostedProviders, type HostedProvider } from "./model/hosted-providers.js";
import { isLlamaInstalled } from "./model/gguf/llama.js";
import { localEndpoints, probeLocalServers, type LocalServer } from "./model/local-servers.js";
import {
  endpointOf,
  localEndpointsOf,
  readProviderSettings,
  type Environment,
} from "./model/provider-settings.js";

/** One row of what could write. Holds no key. */
export interface AuthorCandidate {
  readonly id: string;
  readonly label: string;
  readonly available: boolean;
  readonly chosen: boolean;
  /** Why it was chosen, or would do, or cannot. */
  readonly reason: string;
}

/**
 * All that could write, in the order of preference, the chosen one marked: what `doctor` prints. Probes always. What is the
 * same model of the same server by two names is one row.
 */
export async function listAuthors(
  options: ChooseAuthorOptions,
): Promise<readonly AuthorCandidate[]> {
  const { env, probe = probeLocalServers } = options;
  const servers = await probe(localEndpointsOf(env));
  const known: ChooseAuthorOptions = { ...options, probe: () => Promise.resolve(servers) };
  const choice = await chooseAuthor(known).catch(asInkwireError);

  const rows: Row[] = [...describeHosted(env), ...describeLocal(servers), describeGguf(options)];
  if (options.markdown !== undefined) {
    rows.unshift(row("markdown", "your own Markdown", true, "a source was given"));
  }
  const offlineReason = "it needs no model: it plans the book, it does not write it";
  rows.push(row("offline", "the offline planner", true, offlineReason));
  if (isInkwireError(choice)) {
    const none = row(options.author ?? "auto", "what was asked for", false, choice.message);
    return merged([none, ...rows]);
  }
  const { id, label, reason, endpoint } = choice;
  const others = rows.filter((other) => other.id !== id);
  return merged([{ ...row(id, label, true, reason), endpoint, chosen: true }, ...others]);
}

interface Row extends AuthorCandidate {
  readonly endpoint?: string | undefined;
}

function merged(rows: readonly Row[]): AuthorCandidate[] {
  const isFirst = ({ endpoint }: Row, index: number): boolean =>
    endpoint === undefined || rows.findIndex((row) => row.endpoint === endpoint) === index;
  return rows.filter(isFirst).map(({ endpoint, ...row }) => {
    const same = rows.filter((other) => endpoint !== undefined && other.endpoint === endpoint);
    const others = same.map(({ id }) => id).filter((id) => id !== row.id);
    return others.length === 0
      ? row
      : { ...row, reason: `${row.reason}; the same as ${others.join(", ")}` };
  });
}

/** The two that most people have, and the others of which there is any sign. */
function describeHosted(env: Environment): Row[] {
  return hostedProviders
    .filter(({ speaks, keyVariable }) => speaks !== "chat-completions" || env[keyVariable])
    .map((provider) => describeOne(provider, env));
}

function describeOne(provider: HostedProvider, env: Environment): Row {
  const { id: name, keyVariable, baseUrlVariable, modelVariable } = provider;
  try {
    const { model, baseUrl, apiKey, isLocal } = readProviderSettings(provider, env);
    if (model === undefined) {
      const reason = `${keyVariable} is set; ask for ${name}:MODEL, or set ${modelVariable}`;
      return row(name, provider.name, true, reason);
    }
    const id = `${name}:${model}`;
    const label = `${model} at ${new URL(baseUrl).host}`;
    if (apiKey !== undefined) {
      const paid = row(id, label, true, `${keyVariable} is set`);
      return { ...paid, endpoint: endpointOf(baseUrl, model) };
    }
    if (!isLocal) return row(id, label, false, `${keyVariable} is not set`);
    const free = row(id, label, true, `${baseUrlVariable} is on this machine and needs no key`);
    return { ...free, endpoint: endpointOf(baseUrl, model) };
  } catch (error) {
    return row(name, provider.name, false, asInkwireError(error).message);
  }
}

function describeLocal(servers: readonly LocalServer[]): Row[] {
  if (servers.length === 0) {
    const hosts = localEndpoints
      .map(({ name, baseUrl }) => `${name} (${new URL(baseUrl).host})`)
      .join(", ");
    return [row("local", "a model on this machine", false, `none of ${hosts} answers`)];
  }
  return servers.map(({ name, baseUrl, models }) => {
    const [first = ""] = models;
    const more = models.length === 1 ? "" : `, with ${models.length - 1} more`;
    const label = `${first} at ${new URL(baseUrl).host} (${name})`;
    const local = row(`local:${first}`, label, true, `${name} answers${more}`);
    return { ...local, endpoint: endpointOf(baseUrl, first) };
  });
}

function describeGguf({ hasLlama = isLlamaInstalled }: ChooseAuthorOptions): AuthorCandidate {
  const is = hasLlama();
  const reason = is ? "node-llama-cpp is installed" : "node-llama-cpp is not installed";
  return row("gguf:FILE", "a model file in this process", is, reason);
}

function row(id: string, label: string, available: boolean, reason: string): AuthorCandidate {
  return { id, label, available, chosen: false, reason };
}

function asInkwireError(error: unknown): InkwireError {
  if (isInkwireError(error)) return error;
  throw error;
}
