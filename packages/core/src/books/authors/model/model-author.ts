import { InkwireError } from "../../../protocol/index.js";
import type { Billing } from "../../ledger/types.js";
import type { Author } from "../author.js";
import { mendPassages } from "./mend-passages.js";
import { noteFacts } from "./note-facts.js";
import { resolveModelTimeouts, type ModelTimeouts } from "./model-settings.js";
import type { ModelObject, ModelSource } from "./read-model.js";
import { writeChapter, type ModelHabits } from "./write-chapter.js";
import { writeOutline, type FallbackOutline } from "./write-outline.js";

export interface ModelAuthorOptions {
  /** As in a book's request: `<provider>:<model>`. */
  readonly id: string;
  /** For people: which model, and where. */
  readonly label: string;
  /** As the provider calls the model, and the address that bills for it. @default a price that is not known */
  readonly billing?: Omit<Billing, "author"> | undefined;
  /** Any model object of the AI SDK. Called by the first request, so that its library is loaded only then. */
  readonly languageModel: () => Promise<ModelObject>;
  /** Chapters at once, 1 to 16. @default 3 */
  readonly concurrency?: number | undefined;
  /** Whether it notes the facts of each chapter for later ones, and mends what the guards find. @default true */
  readonly coherence?: boolean | undefined;
  readonly timeouts?: ModelTimeouts | undefined;
  /** Plans the book when the model's own plan is of no use twice. @default none: `output_invalid` */
  readonly fallbackOutline?: FallbackOutline | undefined;
  /** Kept out of every message, such as the key. */
  readonly secrets?: readonly string[] | undefined;
  /** For the provider alone, as the AI SDK passes them on: `{openai: {store: false}}`. @default none */
  readonly providerOptions?: ModelSource["providerOptions"];
  /** Waits where the provider has said what it allows: shared by all authors of one address. @default none */
  readonly gate?: ModelSource["gate"];
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * An author whose text a language model writes, through any model object of the AI SDK.
 *
 * It retries nothing: a cut, a stall, a busy or failing provider is an InkwireError with `retryable` and, where the
 * provider said so, `retryAfterMs`.
 *
 * @throws InkwireError `invalid_option`
 */
export function createModelAuthor(options: ModelAuthorOptions): Author {
  const { id, label, concurrency = 3, coherence = true, secrets = [], now = Date.now } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > 16) {
    throw new InkwireError(
      "invalid_option",
      `Expected concurrency to be a whole number from 1 to 16, got ${concurrency}.`,
    );
  }
  const source: ModelSource = {
    id,
    languageModel: options.languageModel,
    timeouts: resolveModelTimeouts(options.timeouts),
    providerOptions: options.providerOptions,
    gate: options.gate,
    errors: { who: label, secrets, now },
  };
  const habits: ModelHabits = { thinksAloud: false };
  return {
    id,
    label,
    concurrency,
    continues: true,
    ...(options.billing === undefined ? {} : { billings: [{ author: id, ...options.billing }] }),
    outline: (request, call, notes, draft) =>
      writeOutline(source, { request, notes, draft, fallback: options.fallbackOutline }, call),
    chapter: (task, call) => writeChapter(source, habits, task, call),
    ...(coherence
      ? {
          facts: (task, call) => noteFacts(source, task, call),
          mend: (task, call) => mendPassages(source, task, call),
        }
      : {}),
  };
}
