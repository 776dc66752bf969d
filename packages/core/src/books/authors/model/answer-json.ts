import { InkwireError } from "../../../protocol/index.js";
import { extractJsonObject } from "./extract-json.js";
import { readModel, type ModelRequest, type ModelSource } from "./read-model.js";

/** What a short answer may have; one that is longer does not come to an end. In UTF-16 units. */
const maxAnswerChars = 100_000;

/**
 * Asks a model once for a small JSON object, and gives back whatever came.
 *
 * @throws InkwireError `output_invalid` for an answer without a whole object, and what {@link readModel} throws.
 */
export async function askForObject(
  source: ModelSource,
  request: Omit<ModelRequest, "onText">,
): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  const { who } = source.errors;
  await readModel(source, {
    ...request,
    onText(piece) {
      text += piece;
      if (text.length <= maxAnswerChars) return;
      throw new InkwireError(
        "output_invalid",
        `${who} wrote an answer that does not come to an end.`,
      );
    },
  });
  const value = extractJsonObject(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new InkwireError(
    "output_invalid",
    `${who} answered with something else than was asked for.`,
  );
}
