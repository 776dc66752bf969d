import { InkwireError } from "../../../protocol/index.js";
import type { BookRequest, Outline } from "../../types.js";
import type { AuthorCall, OutlineDraft, SourceNote } from "../author.js";
import { fillOutline } from "./fill-outline.js";
import { readOutlineDraft, type OutlineParts } from "./outline-parts.js";
import { outlineJsonSchema, readOutline } from "./outline-shape.js";
import { outlinePrompt, outlineRepairPrompt } from "./prompts.js";
import { RefusedRequestError } from "./provider-errors.js";
import { readModel, type ModelRequest, type ModelSource } from "./read-model.js";

/** A plan made without a model, for models whose own cannot be used. */
export type FallbackOutline = (request: BookRequest) => Outline | Promise<Outline>;

/** As far as an outline may go: 200 chapters with long summaries are a fifth of it. */
const maxOutlineChars = 2_000_000;
/** A title and a summary of some sentences, in JSON. */
const outputTokensPerChapter = 120;

export interface OutlineTask {
  readonly request: BookRequest;
  /** Of the user's own source. @default nothing */
  readonly notes?: readonly SourceNote[] | undefined;
  /** Where the answer is kept. @default nowhere */
  readonly draft?: OutlineDraft | undefined;
  readonly fallback?: FallbackOutline | undefined;
}

/**
 * Has the model plan the book. Chapters that an answer lacks, or that were cut off, are asked for alone; an answer of which
 * nothing can be used is asked for once more with the reason; then `fallback` plans it, marked as such. Each is told. Errors of the provider are thrown, never planned around.
 *
 * Of an answer that an earlier attempt left in `draft`, the whole chapters are taken over: they were paid for.
 *
 * @throws InkwireError `output_invalid` when both answers are of no use and there is no `fallback`.
 */
export async function writeOutline(
  source: ModelSource,
  { request, notes, draft, fallback }: OutlineTask,
  call: AuthorCall,
): Promise<Outline> {
  const prompt = outlinePrompt(request, notes);
  const turns: Array<ModelRequest["turns"][number]> = [{ role: "user", text: prompt.user }];
  const ask = createAsker(source, prompt.system, call);

  const begun = await goOn(draft?.text ?? "");
  if (begun !== undefined) return begun;
  let problem = "";
  for (let attempt = 1; attempt <= 2; attempt++) {
    draft?.restart();
    const answer = await ask(turns, request.chapters, draft?.write);
    const reading = readOutline(answer.text, request);
    if ("outline" in reading) return reading.outline;
    const parts = readOutlineDraft(answer.text, request.chapters);
    const filled = await fill(parts, "outline_incomplete");
    if (filled !== undefined) return filled;
    problem =
      answer.finish === "length" ? "it was cut at the length limit; be briefer." : reading.problem;
    if (attempt === 2) break;
    const message = `the plan is of no use, as ${problem.replace(/[.]$/, "")}; it is asked for again`;
    call.onRepair?.({ kind: "outline_invalid", message });
    turns.push(
      { role: "assistant", text: shortened(answer.text) },
      { role: "user", text: outlineRepairPrompt(request, problem) },
    );
  }
  if (fallback === undefined) {
    throw new InkwireError(
      "output_invalid",
      `${source.errors.who} gave no outline that can be used: ${problem}`,
      {
        hint: "A larger model, or fewer chapters, may help.",
      },
    );
  }
  const planned = await fallback(request);
  call.signal.throwIfAborted();
  const message = `the model gave no plan that can be used, as ${problem.replace(/[.]$/, "")}; it is planned offline`;
  call.onRepair?.({ kind: "outline_invalid", message });
  return { ...planned, madeBy: "offline planner" };

  /** The outline of an answer that broke off in an earlier attempt. */
  async function goOn(answer: string): Promise<Outline | undefined> {
    const reading = readOutline(answer, request);
    if ("outline" in reading) return reading.outline;
    return fill(readOutlineDraft(answer, request.chapters), "resumed");
  }

  /** The outline with what `parts` lack, where they are any. */
  async function fill(
    parts: OutlineParts,
    kind: "outline_incomplete" | "resumed",
  ): Promise<Outline | undefined> {
    const there = parts.chapters.size;
    if (there === 0 || parts.isSurplus) return undefined;
    if (there < request.chapters) {
      const message = `the plan has ${there} of ${request.chapters} chapters, the others are asked for alone`;
      call.onRepair?.({ kind, message });
    }
    const onMore = (json: string) => {
      draft?.restart();
      draft?.write(json);
    };
    const onText = (piece: string) => draft?.write(piece);
    const json = await fillOutline({ request, parts, prompt: prompt.user, ask, onMore, onText });
    const reading = json === undefined ? undefined : readOutline(json, request);
    return reading !== undefined && "outline" in reading ? reading.outline : undefined;
  }
}

/** Asks with the schema first, and without it from the moment that the server refuses the request that has one. */
function createAsker(source: ModelSource, system: string, call: AuthorCall) {
  let takesSchema = true;
  const askOnce = async (
    turns: ModelRequest["turns"],
    chapters: number,
    keep?: (piece: string) => void,
  ) => {
    const schema = takesSchema
      ? { name: "outline", schema: outlineJsonSchema(chapters) }
      : undefined;
    let text = "";
    const { finish } = await readModel(source, {
      purpose: turns.length === 1 ? "outline" : "repair",
      outputTokens: outputTokensPerChapter * chapters,
      system,
      turns: [...turns],
      schema,
      call,
      onText: (piece) => {
        text += piece;
        keep?.(piece);
        if (text.length > maxOutlineChars) {
          throw new InkwireError(
            "output_invalid",
            `${source.errors.who} wrote an outline that does not come to an end.`,
          );
        }
      },
    });
    return { text, finish };
  };
  return async (turns: ModelRequest["turns"], chapters: number, keep?: (piece: string) => void) => {
    try {
      return await askOnce(turns, chapters, keep);
    } catch (error) {
      // There is no code that all servers use for a `json_schema` that they do not know.
      if (!takesSchema || !(error instanceof RefusedRequestError)) throw error;
      takesSchema = false;
      return askOnce(turns, chapters, keep);
    }
  };
}

/** What is shown to the model of its own bad answer. */
function shortened(text: string): string {
  const maxChars = 8_000;
  if (text === "") return "(nothing)";
  return text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()} …`;
}
