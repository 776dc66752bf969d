// One GGUF model in this process: one answer at a time, on one thread.
import { getLlama, LlamaCompletion } from "node-llama-cpp";

/** Toy models are trained on 512 tokens; beyond that their text falls apart. */
const contextTokens = 512;
/** What of a prompt is kept, from its end: the rest of the context is for the answer, which then shifts. */
const promptTokens = 160;
/** A toy knows no end: it is ended at the first sentence that ends after so many tokens. */
const answerTokens = 240;
/** What an answer may have without `max_tokens`. */
const defaultMaxTokens = 4_096;
/** A string of a schema, in characters: a toy would never close it. */
const schemaTextChars = 80;

const sentenceEnd = /[.!?]["”']?\s*$/;

export async function createModel(modelPath) {
  // One thread: on a busy machine more of them wait for each other, and a toy needs none of them.
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ threads: 1, contextSize: contextTokens });
  const sequence = context.getSequence();
  const completion = new LlamaCompletion({ contextSequence: sequence });
  const stats = { waiting: 0, running: 0, finished: 0, cancelled: 0, tokens: 0 };
  let last = Promise.resolve();

  return {
    stats: () => stats,

    /** Answers when all before it have been answered. `finish` is `stop` or `length`. */
    complete(options) {
      stats.waiting += 1;
      const answer = last.then(() => {
        stats.waiting -= 1;
        return answerNow(options);
      });
      last = answer.catch(() => {});
      return answer;
    },
  };

  async function answerNow({ prompt, maxTokens, temperature, seed, schema, signal, onText }) {
    const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    if (signal.aborted) return { text: "", finish: "stop", usage: none };
    const grammar = schema && (await grammarOf(schema));
    const tokens = model.tokenize(prompt).slice(-promptTokens);
    const ended = new AbortController();
    let text = "";
    let count = 0;
    stats.running += 1;
    try {
      await sequence.clearHistory();
      const { metadata } = await completion.generateCompletionWithMeta(
        tokens.length === 0 ? [model.tokens.bos] : tokens,
        {
          maxTokens: maxTokens ?? defaultMaxTokens,
          temperature: temperature ?? 0.8,
          // The same requests in the same order give the same answers; a repeated one gives another.
          seed: seed ?? stats.finished + stats.cancelled + 1,
          grammar,
          signal: AbortSignal.any([signal, ended.signal]),
          stopOnAbortSignal: true,
          onToken: (some) => {
            count += some.length;
            stats.tokens += some.length;
          },
          onTextChunk: (chunk) => {
            if (signal.aborted || ended.signal.aborted) return;
            text += chunk;
            onText(chunk);
            const isEnd = grammar === undefined && count >= answerTokens && sentenceEnd.test(text);
            if (isEnd) ended.abort();
          },
        },
      );
      if (signal.aborted) stats.cancelled += 1;
      else stats.finished += 1;
      const finish = metadata.stopReason === "maxTokens" ? "length" : "stop";
      const total = tokens.length + count;
      const usage = { prompt_tokens: tokens.length, completion_tokens: count, total_tokens: total };
      return { text, finish, usage };
    } finally {
      stats.running -= 1;
    }
  }

  async function grammarOf(schema) {
    try {
      return await llama.createGrammarForJsonSchema(bounded(schema));
    } catch (error) {
      throw Object.assign(new Error(`response_format: ${error.message}`), { status: 400 });
    }
  }
}

/** The same schema with strings that have an end. */
function bounded(schema) {
  if (Array.isArray(schema)) return schema.map(bounded);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, bounded(value)]),
  );
  return copy.type === "string" ? { minLength: 4, maxLength: schemaTextChars, ...copy } : copy;
}
