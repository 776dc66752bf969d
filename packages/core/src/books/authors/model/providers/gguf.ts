import { basename } from "node:path";
import type { Author } from "../../author.js";
import { createGgufEngine, type GgufEngineOptions } from "../gguf/gguf-engine.js";
import { createGgufModel } from "../gguf/gguf-model.js";
import { createModelAuthor, type ModelAuthorOptions } from "../model-author.js";

export interface GgufAuthorOptions
  extends GgufEngineOptions, Pick<ModelAuthorOptions, "timeouts" | "fallbackOutline"> {
  /** @default the file's name */
  readonly label?: string | undefined;
}

/** A large file is read, and a long prompt is taken in, by this machine alone. */
const PATIENCE_MS = 600_000;

/** An author that is a model file, computed in this process by node-llama-cpp, an optional peer. */
export function createGgufAuthor(options: GgufAuthorOptions): Author {
  const { file, label = `${basename(file)} in this process` } = options;
  const model = createGgufModel(basename(file), createGgufEngine(options));
  return createModelAuthor({
    id: `gguf:${file}`,
    label,
    // Nobody is paid.
    billing: { model: basename(file) },
    languageModel: () => Promise.resolve(model),
    concurrency: 1,
    timeouts: { firstChunkMs: PATIENCE_MS, ...options.timeouts },
    fallbackOutline: options.fallbackOutline,
  });
}
