import { InkwireError } from "../../protocol/index.js";
import { hostedProviders } from "./model/hosted-providers.js";

/** One author as somebody asks for it: `openai:gpt-5`, `local`, `gguf:/models/a.gguf`. */
export interface AuthorSpec {
  readonly provider: string;
  readonly model: string | undefined;
}

/** More would only hide which one is wanted. */
const MAX_CHAIN = 5;
const MAX_LENGTH = 200;

const alone = ["offline", "markdown", "auto"];
const withModel = ["local", "gguf", ...hostedProviders.map(({ id }) => id)];
const pattern = new RegExp(`^(${[...alone, ...withModel].join("|")})(?::([^\\s\\p{C},]+))?$`, "u");

/**
 * Reads `--author`: one author, or a chain of them, each of which takes over from the one before it.
 *
 * @throws InkwireError `invalid_request` for what is none, and for a chain with somebody who can't take over.
 */
export function parseAuthorSpec(text: string): readonly AuthorSpec[] {
  const parts = text.length <= MAX_LENGTH ? text.trim().split(",") : [""];
  const specs = parts.map((part) => parseOne(part.trim()));
  if (specs.length > MAX_CHAIN) {
    throw new InkwireError("invalid_request", `author: expected at most ${MAX_CHAIN} in a chain`);
  }
  const odd = specs.length > 1 && specs.find(({ provider }) => alone.includes(provider));
  if (odd) {
    throw new InkwireError(
      "invalid_request",
      `author: ${odd.provider} cannot stand in a chain, as what it makes is no model's text`,
    );
  }
  return specs;
}

function parseOne(text: string): AuthorSpec {
  const [, provider, model] = pattern.exec(text) ?? [];
  if (
    provider === undefined ||
    (model !== undefined && alone.includes(provider)) ||
    (model === undefined && provider === "gguf")
  ) {
    const hosted = hostedProviders.map(({ id }) => id).join(", ");
    throw new InkwireError(
      "invalid_request",
      "author: expected offline, markdown, openai:MODEL or local:MODEL, such as openai:gpt-5-mini",
      {
        hint: `Others are gguf:FILE and a model of ${hosted}. Some take a model of their choice. A chain is a,b.`,
      },
    );
  }
  return { provider, model };
}
