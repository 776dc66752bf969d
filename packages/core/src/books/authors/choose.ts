import { InkwireError } from "../../protocol/index.js";
import type { Author } from "./author.js";
import {
  probeLocalServers,
  type LocalServer,
  type ProbeLocalServers,
} from "./model/local-servers.js";
import {
  localEndpointsOf,
  readOpenAISettings,
  type Environment,
  type OpenAISettings,
} from "./model/openai-settings.js";
import { createOpenAICompatibleAuthor } from "./model/providers/openai-compatible.js";
import type { FallbackOutline } from "./model/write-outline.js";

export interface ChooseAuthorOptions {
  /** `offline`, `markdown`, `openai:MODEL`, `local:MODEL`, or `openai` and `local` for a model of their choice. @default "auto" */
  readonly author?: string | undefined;
  readonly env: Environment;
  /** Makes the offline planner. */
  readonly offline: () => Author;
  /** Makes the author that typesets the given source. @default there is no source */
  readonly markdown?: (() => Author) | undefined;
  /** Plans the book where a model's plan is of no use: the offline planner's own outline. @default none */
  readonly fallbackOutline?: FallbackOutline | undefined;
  /** @default {@link probeLocalServers} */
  readonly probe?: ProbeLocalServers | undefined;
}

/** Who writes, and why. */
export interface AuthorChoice {
  /** As in a book's request: the same author is chosen again by it. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** Completes "chosen because …". */
  readonly reason: string;
  /** Makes the author; loads nothing yet. */
  create(): Author;
}

/** A local model has one machine to itself; a provider has many. */
const localConcurrency = 1;
const providerConcurrency = 3;

const specPattern = /^(offline|markdown|openai|local|auto)(?::([^\s\p{C}]+))?$/u;

/**
 * Decides who writes. What was asked for wins; else the user's own source, a key in the environment, a server that answers
 * on this machine, and last the offline planner, which is always there. Only loopback addresses are ever tried, within
 * 300 ms, and only when nothing before them decided.
 *
 * @throws InkwireError `invalid_request` for an author that does not exist; `author_unavailable` for one that was asked for
 *   and cannot write here; `invalid_option` for an environment that makes no sense.
 */
export async function chooseAuthor(options: ChooseAuthorOptions): Promise<AuthorChoice> {
  const { provider, model } = parseSpec(options.author ?? "auto");
  const asked = "it was asked for";
  switch (provider) {
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
    case "openai":
      return openaiChoice(options, readOpenAISettings(options.env), model, asked);
    case "local":
      return localChoice(options, await findLocal(options, model), model, asked);
  }
  return chooseFreely(options);
}

async function chooseFreely(options: ChooseAuthorOptions): Promise<AuthorChoice> {
  const { env, markdown } = options;
  if (markdown !== undefined) return markdownChoice(markdown, "a Markdown source was given");
  const settings = readOpenAISettings(env);
  if (settings.apiKey !== undefined) {
    return openaiChoice(options, settings, undefined, "OPENAI_API_KEY is set");
  }
  const [server] = await probeLocal(options);
  if (server !== undefined) {
    return localChoice(options, server, undefined, `${server.name} answers on this machine`);
  }
  return offlineChoice(options, "no key is set, and no model server answers on this machine");
}

function offlineChoice({ offline }: ChooseAuthorOptions, reason: string): AuthorChoice {
  return { id: "offline", label: "the offline planner", reason, create: offline };
}

function markdownChoice(create: () => Author, reason: string): AuthorChoice {
  return { id: "markdown", label: "your own Markdown", reason, create };
}

function openaiChoice(
  { fallbackOutline }: ChooseAuthorOptions,
  { baseUrl, apiKey, isLocal, ...settings }: OpenAISettings,
  model = settings.model,
  reason: string,
): AuthorChoice {
  if (apiKey === undefined && !isLocal) {
    throw new InkwireError("author_unavailable", "OPENAI_API_KEY is not set.", {
      hint: "Set it, or set OPENAI_BASE_URL to a server on this machine, or choose the author offline.",
    });
  }
  const label = `${model} at ${new URL(baseUrl).host}`;
  return {
    id: `openai:${model}`,
    label,
    reason,
    create: () =>
      createOpenAICompatibleAuthor({
        provider: "openai",
        model,
        baseUrl,
        apiKey,
        label,
        concurrency: isLocal ? localConcurrency : providerConcurrency,
        fallbackOutline,
      }),
  };
}

function localChoice(
  { fallbackOutline }: ChooseAuthorOptions,
  server: LocalServer,
  model = server.models[0] ?? "",
  reason: string,
): AuthorChoice {
  const label = `${model} at ${new URL(server.baseUrl).host} (${server.name})`;
  return {
    id: `local:${model}`,
    label,
    reason,
    create: () =>
      createOpenAICompatibleAuthor({
        provider: "local",
        model,
        baseUrl: server.baseUrl,
        label,
        concurrency: localConcurrency,
        fallbackOutline,
      }),
  };
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

function probeLocal({
  env,
  probe = probeLocalServers,
}: ChooseAuthorOptions): Promise<readonly LocalServer[]> {
  return probe(localEndpointsOf(env));
}

type Provider = "offline" | "markdown" | "openai" | "local" | "auto";

function parseSpec(spec: string): {
  readonly provider: Provider;
  readonly model: string | undefined;
} {
  const [, provider, model] = spec.length <= 200 ? (specPattern.exec(spec.trim()) ?? []) : [];
  const takesModel = provider === "openai" || provider === "local";
  if (provider === undefined || (model !== undefined && !takesModel)) {
    throw new InkwireError(
      "invalid_request",
      "author: expected offline, markdown, openai:MODEL or local:MODEL, such as openai:gpt-5-mini",
      { hint: "openai and local alone take a model of their choice." },
    );
  }
  // The pattern's first group lists exactly the providers.
  return { provider: provider as Provider, model };
}
