import type { ModelObject } from "../read-model.js";
import type { GgufEngine, GgufRequest } from "./gguf-engine.js";

type Model = Extract<ModelObject, { readonly specificationVersion: "v4" }>;
type CallOptions = Parameters<Model["doStream"]>[0];
type StreamPart =
  Awaited<ReturnType<Model["doStream"]>>["stream"] extends ReadableStream<infer Part>
    ? Part
    : never;

/** A model file as a model object of the AI SDK, so that it is read like every other model. */
export function createGgufModel(name: string, engine: GgufEngine): ModelObject {
  const model: Model = {
    specificationVersion: "v4",
    provider: "gguf",
    modelId: name,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("Only streams are asked for.")),
    doStream: (options) => Promise.resolve({ stream: streamOf(engine, options) }),
  };
  return model;
}

function streamOf(engine: GgufEngine, options: CallOptions): ReadableStream<StreamPart> {
  const { abortSignal, prompt, responseFormat } = options;
  const left = new AbortController();
  const signal =
    abortSignal === undefined ? left.signal : AbortSignal.any([abortSignal, left.signal]);
  return new ReadableStream<StreamPart>({
    start(controller) {
      const open = { text: false, reasoning: false };
      const delta = (kind: "text" | "reasoning", text: string): void => {
        if (text === "") return;
        if (!open[kind]) controller.enqueue({ type: `${kind}-start`, id: kind });
        open[kind] = true;
        controller.enqueue({ type: `${kind}-delta`, id: kind, delta: text });
      };
      const run = async (): Promise<void> => {
        controller.enqueue({ type: "stream-start", warnings: [] });
        const { finish, inputTokens, outputTokens } = await engine.answer({
          turns: prompt.map(toTurn),
          signal,
          onText: (text) => delta("text", text),
          onThought: (text) => delta("reasoning", text),
          ...(responseFormat?.type === "json" && responseFormat.schema !== undefined
            ? { schema: responseFormat.schema }
            : {}),
        });
        for (const kind of ["text", "reasoning"] as const) {
          if (open[kind]) controller.enqueue({ type: `${kind}-end`, id: kind });
        }
        const input = { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 };
        const output = { total: outputTokens, text: outputTokens, reasoning: undefined };
        controller.enqueue({
          type: "finish",
          finishReason: { unified: finish, raw: finish },
          usage: { inputTokens: input, outputTokens: output },
        });
        controller.close();
      };
      run().catch((error: unknown) => controller.error(error));
    },
    cancel: (reason) => left.abort(reason),
  });
}

function toTurn(message: CallOptions["prompt"][number]): GgufRequest["turns"][number] {
  const { role, content } = message;
  if (typeof content === "string") return { role: "system", text: content };
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { role: role === "assistant" ? "assistant" : "user", text };
}
