import { stat } from "node:fs/promises";
import { InkwireError, isInkwireError } from "../../../../protocol/index.js";
import { excerpt } from "../error-excerpt.js";
import { boundedSchema } from "./bounded-schema.js";
import {
  loadLlama,
  type Llama,
  type LlamaLibrary,
  type LlamaModel,
  type LlamaSequence,
  type LoadLlama,
} from "./llama.js";

export interface GgufEngineOptions {
  /** The model's file. */
  readonly file: string;
  /** Threads that compute. More than the machine has cores makes it many times slower. @default the library's choice */
  readonly threads?: number | undefined;
  /** How much the model sees at once, in tokens, prompt and answer together. @default up to 16_384, by the memory there is */
  readonly contextTokens?: number | undefined;
  /** @default import("node-llama-cpp") */
  readonly load?: LoadLlama | undefined;
}

export interface GgufRequest {
  readonly turns: ReadonlyArray<{
    readonly role: "system" | "user" | "assistant";
    readonly text: string;
  }>;
  readonly schema?: unknown;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  readonly onThought: (text: string) => void;
}

export interface GgufAnswer {
  readonly finish: "stop" | "length";
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One model file, opened by the first request, that answers one request at a time. */
export interface GgufEngine {
  /** @throws InkwireError `author_unavailable` for a file that is none, or a library that is not there. */
  answer(request: GgufRequest): Promise<GgufAnswer>;
}

/**
 * A model that was never taught to chat knows no end of its own: it is ended at the first sentence that ends after so many
 * tokens.
 */
const BASE_ANSWER_TOKENS = 240;
const sentenceEnd = /[.!?]["”']?\s*$/;
/** Of what a base model sees, this share is the text before; the rest is for what it adds. */
const BASE_PROMPT_SHARE = 0.3;

interface Opened {
  readonly library: LlamaLibrary;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly sequence: LlamaSequence;
  readonly contextSize: number;
}

export function createGgufEngine(options: GgufEngineOptions): GgufEngine {
  let opening: Promise<Opened> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  return {
    answer(request) {
      const answer = last.then(async () => {
        request.signal.throwIfAborted();
        opening ??= open(options);
        // A file that was not there may be there the next time.
        opening.catch(() => (opening = undefined));
        return generate(await opening, request);
      });
      last = answer.catch(() => {});
      return answer;
    },
  };
}

async function open({ file, threads, contextTokens, load }: GgufEngineOptions): Promise<Opened> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new InkwireError("author_unavailable", `There is no model file ${file}.`);
  }
  const library = await loadLlama(load);
  try {
    const llama = await library.getLlama({
      build: "never",
      logLevel: "error",
      ...(threads === undefined ? {} : { maxThreads: threads }),
    });
    const model = await llama.loadModel({ modelPath: file });
    const context = await model.createContext({
      contextSize: contextTokens ?? { min: 512, max: 16_384 },
      ...(threads === undefined ? {} : { threads }),
    });
    const { contextSize } = context;
    return { library, llama, model, sequence: context.getSequence(), contextSize };
  } catch (error) {
    if (isInkwireError(error)) throw error;
    const said = excerpt(error instanceof Error ? error.message : undefined, []);
    throw new InkwireError("author_unavailable", `${file} can't be opened as a model${said}.`, {
      cause: error,
    });
  }
}

async function generate(opened: Opened, request: GgufRequest): Promise<GgufAnswer> {
  const { llama, model, sequence, contextSize } = opened;
  const { signal, turns, schema } = request;
  const grammar =
    schema === undefined
      ? undefined
      : await llama.createGrammarForJsonSchema(boundedSchema(schema));
  const ended = new AbortController();
  let outputTokens = 0;
  const common = {
    maxTokens: contextSize,
    signal: AbortSignal.any([signal, ended.signal]),
    stopOnAbortSignal: true,
    ...(grammar === undefined ? {} : { grammar }),
    onToken: (tokens: readonly unknown[]) => void (outputTokens += tokens.length),
  } as const;

  const isChat = model.fileInfo.metadata.tokenizer?.chat_template !== undefined;
  await sequence.clearHistory();
  let answer;
  let inputTokens;
  if (isChat) {
    inputTokens = turns.reduce((sum, { text }) => sum + model.tokenize(text).length, 0);
    answer = await chat(opened, request, common);
  } else {
    // It only knows how to go on with a text: its own, where there is some, else what it is told.
    const own = turns.findLast(({ role }) => role === "assistant") ?? turns.at(-1);
    const tokens = model
      .tokenize(own?.text ?? "")
      .slice(-Math.floor(contextSize * BASE_PROMPT_SHARE));
    inputTokens = tokens.length;
    let tail = "";
    const completion = new opened.library.LlamaCompletion({ contextSequence: sequence });
    const { metadata } = await completion.generateCompletionWithMeta(
      tokens.length === 0 ? [model.tokens.bos] : tokens,
      {
        ...common,
        onTextChunk(text) {
          if (common.signal.aborted) return;
          request.onText(text);
          tail = (tail + text).slice(-20);
          const isEnd =
            grammar === undefined && outputTokens >= BASE_ANSWER_TOKENS && sentenceEnd.test(tail);
          if (isEnd) ended.abort();
        },
      },
    );
    completion.dispose({ disposeSequence: false });
    answer = metadata;
  }
  signal.throwIfAborted();
  return {
    finish: answer.stopReason === "maxTokens" ? "length" : "stop",
    inputTokens,
    outputTokens,
  };
}

async function chat(
  { library, sequence }: Opened,
  { turns, onText, onThought, signal }: GgufRequest,
  common: Parameters<InstanceType<LlamaLibrary["LlamaChatSession"]>["promptWithMeta"]>[1],
) {
  const session = new library.LlamaChatSession({ contextSequence: sequence });
  try {
    session.setChatHistory(
      turns
        .slice(0, -1)
        .map(({ role, text }) =>
          role === "assistant" ? { type: "model", response: [text] } : { type: role, text },
        ),
    );
    return await session.promptWithMeta(turns.at(-1)?.text ?? "", {
      ...common,
      onResponseChunk({ type, text }) {
        if (signal.aborted) return;
        if (type === "segment") onThought(text);
        else onText(text);
      },
    });
  } finally {
    session.dispose({ disposeSequence: false });
  }
}
