import { type InkwireError, isInkwireError } from "../../protocol/index.js";
import { chooseAuthor, type ChooseAuthorOptions } from "./choose.js";
import { hostedProviders, type HostedProvider } from "./model/hosted-providers.js";
import { isLlamaInstalled } from "./model/gguf/llama.js";
import { localEndpoints, probeLocalServers, type LocalServer } from "./model/local-servers.js";
import {
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

/** All that could write, in the order of preference, the chosen one marked: what `doctor` prints. Probes always. */
export async function listAuthors(
  options: ChooseAuthorOptions,
): Promise<readonly AuthorCandidate[]> {
  const { env, probe = probeLocalServers } = options;
  const servers = await probe(localEndpointsOf(env));
  const known: ChooseAuthorOptions = { ...options, probe: () => Promise.resolve(servers) };
  const choice = await chooseAuthor(known).catch(asInkwireError);

  const rows = [...describeHosted(env), ...describeLocal(servers), describeGguf(options)];
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

/** The two that most people have, and the others of which there is any sign. */
function describeHosted(env: Environment): AuthorCandidate[] {
  return hostedProviders
    .filter(({ speaks, keyVariable }) => speaks !== "chat-completions" || env[keyVariable])
    .map((provider) => describeOne(provider, env));
}

function describeOne(provider: HostedProvider, env: Environment): AuthorCandidate {
  const { id: name, keyVariable, baseUrlVariable, modelVariable } = provider;
  try {
    const { model, baseUrl, apiKey, isLocal } = readProviderSettings(provider, env);
    if (model === undefined) {
      const reason = `${keyVariable} is set; ask for ${name}:MODEL, or set ${modelVariable}`;
      return row(name, provider.name, true, reason);
    }
    const id = `${name}:${model}`;
    const label = `${model} at ${new URL(baseUrl).host}`;
    if (apiKey !== undefined) return row(id, label, true, `${keyVariable} is set`);
    if (!isLocal) return row(id, label, false, `${keyVariable} is not set`);
    return row(id, label, true, `${baseUrlVariable} is on this machine and needs no key`);
  } catch (error) {
    return row(name, provider.name, false, asInkwireError(error).message);
  }
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
