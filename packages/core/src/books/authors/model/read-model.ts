import type { JSONSchema7, LanguageModel, ModelMessage } from "ai";
import { InkwireError } from "../../../protocol/index.js";
import type { RateGate } from "./rate-gate.js";
import { estimateTokens } from "../../estimate-tokens.js";
import type { Usage } from "../../types.js";
import type { AuthorCall } from "../author.js";
import type { RequestPurpose, SpentRequest } from "../requests.js";
import type { ResolvedModelTimeouts } from "./model-settings.js";
import { toProviderError, type ProviderErrorContext } from "./provider-errors.js";
import { usageOf } from "./usage.js";

/** A model object of the AI SDK; a mere name, which would go through a gateway, is none. */
export type ModelObject = Exclude<LanguageModel, string>;

/** A model and how to speak to it and about it. */
export interface ModelSource {
  /** The author's id. */
  readonly id: string;
  readonly languageModel: () => Promise<ModelObject>;
  readonly timeouts: ResolvedModelTimeouts;
  readonly errors: ProviderErrorContext;
  /** Holds requests back while the provider has no room for them. @default nobody */
  readonly gate?: Pick<RateGate, "pass"> | undefined;
  readonly providerOptions?:
    | Readonly<Record<string, Readonly<Record<string, boolean>>>>
    | undefined;
}

/** One request to a model. */
export interface ModelRequest {
  readonly purpose: RequestPurpose;
  /** How long a good answer is, in tokens, about. */
  readonly outputTokens: number;
  readonly system: string;
  /** In turns, the first one the user's. */
  readonly turns: ReadonlyArray<{ readonly role: "user" | "assistant"; readonly text: string }>;
  /** Asks for JSON of this shape where the server can do that. */
  readonly schema?: { readonly name: string; readonly schema: JSONSchema7 } | undefined;
  readonly call: Pick<AuthorCall, "signal" | "onRequest" | "onUsage" | "onWait">;
  /** The next piece of text; never of the model's thinking. What it throws ends the request and is thrown on. */
  onText(text: string): void;
}

/** Text and thinking of one answer, in UTF-16 units: about a million tokens. What is longer thinks in circles. */
const maxAnswerChars = 4_000_000;

export interface ModelAnswer {
  /** `stop`: the model came to its end by itself. `length`: it was cut at its limit. */
  readonly finish: "stop" | "length";
  readonly usage: Usage;
}

/**
 * Has a model answer once, as a stream, and resolves only if the answer has a proper finish.
 *
 * Closes the connection at once when `signal` aborts, and rejects with its reason. Every other end is an InkwireError,
 * see {@link toProviderError}: a cut, an error part, a stall and an answer without a finish are retryable.
 */
export async function readModel(source: ModelSource, request: ModelRequest): Promise<ModelAnswer> {
  const { call, purpose, outputTokens } = request;
  const { signal } = call;
  signal.throwIfAborted();
  // Loaded here, not at the top: it takes 100 ms that no other part of the program needs.
  const [{ streamText }, model] = await Promise.all([import("ai"), source.languageModel()]);
  signal.throwIfAborted();
  const promptChars = charsOf(request);
  const planned = { author: source.id, purpose, inputTokens: estimateTokens(promptChars) };
  await source.gate?.pass(planned.inputTokens + outputTokens, signal, call.onWait);
  const allowed = await call.onRequest?.({ ...planned, outputTokens });

  // Ends the request also when reading stops for a reason of our own, such as too much text.
  const stopped = new AbortController();
  let answerChars = 0;
  const tell = (usage: Usage, outcome: SpentRequest["outcome"]): void =>
    call.onUsage?.({ author: source.id, purpose, usage, outcome });
  // The SDK's own time-outs begin with the headers; a server may fall silent before them.
  const { firstChunkMs, chunkMs } = source.timeouts;
  const giveUp = (): void => {
    stalled = true;
    stopped.abort();
  };
  let stalled = false;
  let requested = false;
  let patience = setTimeout(giveUp, firstChunkMs);
  let begun = false;
  const heard = (): void => {
    if (begun) {
      patience.refresh();
      return;
    }
    begun = true;
    clearTimeout(patience);
    patience = setTimeout(giveUp, chunkMs);
  };
  let ownError: { readonly error: unknown } | undefined;
  let spent: Usage | undefined;

  try {
    signal.throwIfAborted();
    requested = true;
    const result = streamText({
      model,
      ...(allowed?.maxOutputTokens === undefined
        ? {}
        : { maxOutputTokens: allowed.maxOutputTokens }),
      instructions: request.system,
      messages: request.turns.map(({ role, text }): ModelMessage => ({ role, content: text })),
      ...(request.schema === undefined ? {} : { output: jsonOutput(request.schema) }),
      ...(source.providerOptions && { providerOptions: source.providerOptions }),
      abortSignal: AbortSignal.any([signal, stopped.signal]),
      maxRetries: 0,
      // Errors come as parts of the stream; the default prints them.
      onError: () => {},
    });
    for await (const part of result.stream) {
      switch (part.type) {
        case "text-delta":
        case "reasoning-delta":
          if (part.text === "") break;
          heard();
          answerChars += part.text.length;
          if (answerChars > maxAnswerChars) throw endless(source);
          // A piece that was on its way when the caller gave up is nobody's.
          if (part.type === "text-delta" && !signal.aborted) {
            try {
              request.onText(part.text);
            } catch (error) {
              ownError = { error };
              throw error;
            }
          }
          break;
        case "error":
          throw part.error;
        case "abort":
          signal.throwIfAborted();
          throw stall(source, begun);
        case "finish": {
          // Told before the finish is judged: a refusal is paid for as well.
          spent = usageOf(part.totalUsage, promptChars, answerChars);
          const { who } = source.errors;
          return {
            finish: acceptFinish(part.finishReason, part.rawFinishReason, who),
            usage: spent,
          };
        }
      }
    }
    throw new InkwireError(
      "output_truncated",
      `${source.errors.who} ended its answer without a finish.`,
      { retryable: true },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (ownError !== undefined) throw ownError.error;
    throw toProviderError(error, source.errors);
  } finally {
    clearTimeout(patience);
    stopped.abort();
    if (spent !== undefined) tell(spent, "finished");
    // One that was refused before its answer began costs nothing; no provider says what a cut one did.
    else if (answerChars > 0 || (requested && signal.aborted) || stalled) {
      const usage = usageOf(unknownUsage, promptChars, answerChars);
      tell(usage, signal.aborted ? "aborted" : "failed");
    } else tell(nothingUsed, "refused");
  }
}

const nothingUsed: Usage = { inputTokens: 0, outputTokens: 0, estimated: false };
const unknownUsage = { inputTokens: undefined, outputTokens: undefined };

function charsOf({ system, turns }: ModelRequest): number {
  return turns.reduce((sum, { text }) => sum + text.length, system.length);
}

/** What servers say that are compatible but for this. */
const otherStops = new Set(["eos", "eos_token", "end_turn", "stop_sequence"]);
const otherLengths = new Set(["max_tokens", "max_length"]);

function acceptFinish(reason: string, raw: string | undefined, who: string): "stop" | "length" {
  if (reason === "stop" || reason === "length") return reason;
  const said = (raw ?? "").toLowerCase();
  if (otherStops.has(said)) return "stop";
  if (otherLengths.has(said)) return "length";
  if (reason === "content-filter") {
    throw new InkwireError("output_invalid", `${who} refused to write this.`, {
      hint: "Change the brief, or choose another author.",
    });
  }
  throw new InkwireError(
    "provider_failed",
    `${who} ended its answer for another reason than its end (${reason}).`,
    {
      retryable: true,
    },
  );
}

function endless({ errors }: ModelSource): InkwireError {
  return new InkwireError(
    "output_invalid",
    `${errors.who} does not come to an end: stopped after ${maxAnswerChars} characters.`,
  );
}

function stall({ timeouts, errors }: ModelSource, begun: boolean): InkwireError {
  const message = begun
    ? `${errors.who} fell silent for ${timeouts.chunkMs / 1000} s.`
    : `${errors.who} said nothing for ${timeouts.firstChunkMs / 1000} s.`;
  return new InkwireError("provider_failed", message, { retryable: true });
}

/**
 * Asks for JSON and leaves reading it to us: the SDK's own object output parses all of the text anew for every piece of it,
 * which is quadratic, and knows nothing of repair.
 */
function jsonOutput({ name, schema }: NonNullable<ModelRequest["schema"]>) {
  return {
    name: "object",
    responseFormat: Promise.resolve({ type: "json" as const, name, schema }),
    parseCompleteOutput: ({ text }: { text: string }) => Promise.resolve(text),
    // The SDK holds text back until this changes; a long plan would look like a server that has fallen silent.
    parsePartialOutput: ({ text }: { text: string }) => Promise.resolve({ partial: text.length }),
    createElementStreamTransform: () => undefined,
  };
}
