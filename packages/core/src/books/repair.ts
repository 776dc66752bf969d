/** What was wrong with an author's work, and is mended or taken up. */
export type RepairKind =
  /** A chapter goes on inside, from what a draft kept of an attempt that ended early. */
  | "resumed"
  /** The stream broke, fell silent or failed in the middle. */
  | "cut"
  /** The model reached its output limit. */
  | "length_limit"
  /** It said that it was done in the middle of a sentence, or long before the length that was asked for. */
  | "unfinished"
  | "too_short"
  /** It wrote far more than was asked for, and was asked for an ending. */
  | "too_long"
  /** The answer was of no use, and was asked for once more. */
  | "outline_invalid"
  /** Chapters that an outline left out were asked for alone. */
  | "outline_incomplete"
  /** Another author took over. */
  | "author_replaced"
  /** A guard found something in a finished chapter: it was cut out, mended, or stays. */
  | "guard"
  /** What a chapter settles could not be noted for the later ones. */
  | "facts_missing";

/** One fault of an author that was mended: shown to people, kept with the book. Never silent. */
export interface Repair {
  readonly kind: RepairKind;
  /** One clause for people without a full stop, such as `the model stopped in the middle of a sentence, it goes on`. */
  readonly message: string;
}
