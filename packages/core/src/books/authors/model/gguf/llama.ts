import { InkwireError } from "../../../../protocol/index.js";

/**
 * What we use of node-llama-cpp 3. It is an optional peer of hundreds of megabytes: its own types are not there to compile
 * against where it is not installed.
 *
 * @see https://node-llama-cpp.withcat.ai/api/
 */
export interface LlamaLibrary {
  getLlama(options: {
    readonly build: "never";
    readonly gpu?: "auto" | false;
    readonly logLevel: "error";
    readonly maxThreads?: number;
  }): Promise<Llama>;
  readonly LlamaChatSession: new (options: { readonly contextSequence: LlamaSequence }) => {
    setChatHistory(history: readonly LlamaTurn[]): void;
    promptWithMeta(text: string, options: LlamaAnswerOptions): Promise<LlamaAnswer>;
    dispose(options: { readonly disposeSequence: boolean }): void;
  };
  readonly LlamaCompletion: new (options: { readonly contextSequence: LlamaSequence }) => {
    generateCompletionWithMeta(
      tokens: readonly unknown[],
      options: LlamaAnswerOptions & { readonly onTextChunk: (text: string) => void },
    ): Promise<{ readonly metadata: LlamaAnswer }>;
    dispose(options: { readonly disposeSequence: boolean }): void;
  };
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>;
}

export interface LlamaModel {
  readonly tokens: { readonly bos: unknown };
  readonly fileInfo: {
    readonly metadata: { readonly tokenizer?: { readonly chat_template?: string } };
  };
  tokenize(text: string): readonly unknown[];
  createContext(options: {
    readonly threads?: number;
    readonly contextSize: number | { readonly min: number; readonly max: number };
  }): Promise<{ readonly contextSize: number; getSequence(): LlamaSequence }>;
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
}

export type LlamaTurn =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

export interface LlamaAnswerOptions {
  readonly maxTokens: number;
  readonly signal: AbortSignal;
  readonly stopOnAbortSignal: true;
  readonly grammar?: unknown;
  readonly onToken: (tokens: readonly unknown[]) => void;
  readonly onResponseChunk?: (chunk: {
    readonly type?: "segment" | undefined;
    readonly text: string;
  }) => void;
}

export interface LlamaAnswer {
  readonly stopReason: string;
}

/** Gives node-llama-cpp, or throws where it is not installed. */
export type LoadLlama = () => Promise<LlamaLibrary>;

/** In a variable, so that neither compilers nor bundlers look for it. */
const packageName = "node-llama-cpp";

/** Whether it is there; nothing of it is loaded. */
export function isLlamaInstalled(): boolean {
  try {
    import.meta.resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

/** @throws InkwireError `author_unavailable` where it is not installed, or can't run here. */
export async function loadLlama(
  load: LoadLlama = () => import(packageName) as Promise<LlamaLibrary>,
): Promise<LlamaLibrary> {
  try {
    return await load();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    throw new InkwireError(
      "author_unavailable",
      isMissing
        ? `${packageName}, which opens model files, is not installed.`
        : `${packageName}, which opens model files, can't be loaded here.`,
      { hint: `npm install ${packageName}`, cause: error },
    );
  }
}
