import { InkwireError, isInkwireError } from "../../protocol/index.js";
import type { Author } from "./author.js";
import { parseAuthorSpec, type AuthorSpec } from "./author-spec.js";
import { createChainAuthor } from "./chain-author.js";
import { hostedProvider, hostedProviders, type HostedProvider } from "./model/hosted-providers.js";
import {
  probeLocalServers,
  type LocalServer,
  type ProbeLocalServers,
} from "./model/local-servers.js";
import {
  localEndpointsOf,
  readProviderSettings,
  type Environment,
} from "./model/provider-settings.js";
import type { GgufAuthorOptions } from "./model/providers/gguf.js";
import type { RateGates } from "./model/rate-gate.js";
import type { FallbackOutline } from "./model/write-outline.js";
import { createGgufChoice, createHostedChoice, createLocalChoice } from "./model-choices.js";

export interface ChooseAuthorOptions {
  /**
   * `offline`, `markdown`, `openai:MODEL`, `anthropic:MODEL`, `local:MODEL` and so on, `openai` and `local` for a model of
   * their choice, or several of them with commas, each of which takes over from the one before it. @default "auto"
   */
  readonly author?: string | undefined;
  readonly env: Environment;
  /** Makes the offline planner. */
  readonly offline: () => Author;
  /** Makes the author that typesets the given source. @default there is no source */
  readonly markdown?: (() => Author) | undefined;
  /** Plans the book where a model's plan is of no use: the offline planner's own outline. @default none */
  readonly fallbackOutline?: FallbackOutline | undefined;
  /** What providers said about their limits. @default each author learns them by itself */
  readonly rates?: RateGates | undefined;
  /** Looks for model servers on this machine. @default asks the usual ports of the loopback, 300 ms at most */
  readonly probe?: ProbeLocalServers | undefined;
  /**
   * Whether `gguf:FILE` may name a file of this machine: for a program that its user runs, not for a server that takes
   * requests of others. @default false
   */
  readonly localFiles?: boolean | undefined;
  /** Makes the author of a model file. @default {@link createGgufAuthor} */
  readonly gguf?: ((options: GgufAuthorOptions) => Author) | undefined;
  /** Whether node-llama-cpp is there, for {@link listAuthors}. @default looks for it */
  readonly hasLlama?: (() => boolean) | undefined;
}

/** Who writes, and why. */
export interface AuthorChoice {
  /** As in a book's request: the same author is chosen again by it. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** Completes "chosen because …". */
  readonly reason: string;
  /** Which model where: two authors with the same are one. `undefined` for one that asks nobody. */
  readonly endpoint?: string | undefined;
  /** Makes the author; loads nothing yet. */
  create(): Author;
}

const asked = "it was asked for";

/**
 * Decides who writes. What was asked for wins; else the user's own source, a key in the environment, a server that answers
 * on this machine, and last the offline planner, which is always there. Only loopback addresses are ever tried, within
 * 300 ms, and only when nothing before them decided.
 *
 * @throws InkwireError `invalid_request` for an author that does not exist; `author_unavailable` for one that was asked for
 *   and cannot write here, or for a chain of which none can; `invalid_option` for an environment that makes no sense.
 */
export async function chooseAuthor(options: ChooseAuthorOptions): Promise<AuthorChoice> {
  const specs = parseAuthorSpec(options.author ?? "auto");
  const [only] = specs;
  return specs.length === 1 && only !== undefined
    ? chooseOne(options, only)
    : chooseChain(options, specs);
}

async function chooseOne(
  options: ChooseAuthorOptions,
  { provider, model }: AuthorSpec,
): Promise<AuthorChoice> {
  switch (provider) {
    case "auto":
      return chooseFreely(options);
    case "offline":
      return offlineChoice(options, asked);
    case "markdown":
      if (options.markdown === undefined) {
        throw new InkwireError(
          "invalid_request",
          "author: markdown typesets a source, and none was given",
        );
      }
      return markdownChoice(options.markdown, asked);
    case "gguf":
      return createGgufChoice(options, model ?? "", asked);
    case "local":
      return createLocalChoice(options, await findLocal(options, model), model, asked);
  }
  const hosted = hostedProvider(provider);
  if (hosted === undefined) throw new InkwireError("internal", `No provider ${provider}`);
  return createHostedChoice(options, hosted, model, asked);
}

async function chooseFreely(options: ChooseAuthorOptions): Promise<AuthorChoice> {
  const { env, markdown } = options;
  if (markdown !== undefined) return markdownChoice(markdown, "a Markdown source was given");
  for (const provider of hostedProviders) {
    if (isReady(provider, env)) {
      return createHostedChoice(options, provider, undefined, `${provider.keyVariable} is set`);
    }
  }
  const [server] = await probeLocal(options);
  if (server !== undefined) {
    const reason = `${server.name} answers on this machine`;
    return createLocalChoice(options, server, undefined, reason);
  }
  return offlineChoice(options, "no key is set, and no model server answers on this machine");
}

/** It has a key, and a model to write with. */
function isReady(provider: HostedProvider, env: Environment): boolean {
  const { apiKey, model } = readProviderSettings(provider, env);
  return apiKey !== undefined && model !== undefined;
}

/**
 * A chain has the id that was asked for, with the models that were found: a resume finds the same chapters by it, also when
 * one of its members is not there that day.
 */
async function chooseChain(
  options: ChooseAuthorOptions,
  specs: readonly AuthorSpec[],
): Promise<AuthorChoice> {
  const choices: AuthorChoice[] = [];
  const ids: string[] = [];
  const missing: InkwireError[] = [];
  const left: string[] = [];
  let lastSpec: AuthorSpec | undefined;
  // A model that plans badly is replaced by the next one, not by the offline planner.
  const { fallbackOutline, ...known } = { ...options, probe: probeOnce(options) };
  for (const spec of specs) {
    const { provider, model } = spec;
    try {
      const choice = await chooseOne(known, spec);
      ids.push(choice.id);
      const same = choices.find(({ endpoint }) => endpoint === choice.endpoint);
      if (same === undefined) {
        choices.push(choice);
        lastSpec = spec;
      } else left.push(`${choice.id} is the same as ${same.id}, and can't take over from it`);
    } catch (error) {
      if (!isInkwireError(error, "author_unavailable")) throw error;
      missing.push(error);
      left.push(error.message.replace(/\.$/, ""));
      if (model !== undefined) ids.push(`${provider}:${model}`);
    }
  }
  if (lastSpec === undefined) {
    throw missing[0] ?? new InkwireError("author_unavailable", "Nobody of the chain can write.");
  }
  const last = await chooseOne({ ...known, fallbackOutline }, lastSpec);
  const all = [...choices.slice(0, -1), last];
  const id = [...new Set(ids)].join(",");
  const label = all.map((choice) => choice.label).join(", else ");
  return {
    id,
    label,
    reason: [asked, ...left].join("; "),
    create: () =>
      createChainAuthor(
        id,
        label,
        all.map((choice) => choice.create()),
      ),
  };
}

function offlineChoice({ offline }: ChooseAuthorOptions, reason: string): AuthorChoice {
  return { id: "offline", label: "the offline planner", reason, create: offline };
}

function markdownChoice(create: () => Author, reason: string): AuthorChoice {
  return { id: "markdown", label: "your own Markdown", reason, create };
}

/** The server on this machine that has `model`, or any model. */
async function findLocal(
  options: ChooseAuthorOptions,
  model: string | undefined,
): Promise<LocalServer> {
  const servers = await probeLocal(options);
  const server = servers.find(({ models }) => model === undefined || models.includes(model));
  if (server !== undefined) return server;
  const hosts = localEndpointsOf(options.env).map(({ baseUrl }) => new URL(baseUrl).host);
  const has = servers.flatMap(({ models }) => models).slice(0, 10);
  throw new InkwireError(
    "author_unavailable",
    has.length === 0
      ? "No model server answers on this machine."
      : `No model server on this machine has ${model ?? "a model"}; there is ${has.join(", ")}.`,
    { hint: `Start one; tried are ${hosts.join(", ")}.` },
  );
}

/** For members of one chain: what answers on this machine is the same for all. */
function probeOnce({ probe = probeLocalServers }: ChooseAuthorOptions): ProbeLocalServers {
  let servers: ReturnType<ProbeLocalServers> | undefined;
  return (endpoints) => (servers ??= probe(endpoints));
}

function probeLocal({
  env,
  probe = probeLocalServers,
}: ChooseAuthorOptions): Promise<readonly LocalServer[]> {
  return probe(localEndpointsOf(env));
}
