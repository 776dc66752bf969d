/**
 * The place of a message in the total order of one history: `<epoch>.<seq>`, at most 64 bytes of `[A-Za-z0-9._-]`.
 * Opaque to clients, and never a permission.
 */
export type Cursor = string;

export interface CursorParts {
  /** The incarnation of the history. */
  readonly epoch: string;
  /** A positive whole number, or 0 for "before the first message". */
  readonly seq: number;
}

const PATTERN = /^([A-Za-z0-9_-]{1,40})\.(0|[1-9]\d{0,15})$/;
const EPOCH = /^[A-Za-z0-9_-]{1,40}$/;

/** Whether a value can be an epoch: 1 to 40 characters of `A-Z a-z 0-9 _ -`. */
export function isEpoch(value: string): boolean {
  return EPOCH.test(value);
}

/** The cursor of a place: `<epoch>.<seq>`. */
export function encodeCursor(epoch: string, seq: number): Cursor {
  return `${epoch}.${seq}`;
}

/** `undefined` for anything that {@link encodeCursor} does not write: whoever sent it, it names no place of ours. */
export function parseCursor(value: unknown): CursorParts | undefined {
  const match = typeof value === "string" && value.length <= 64 ? PATTERN.exec(value) : null;
  const [, epoch, digits] = match ?? [];
  if (epoch === undefined || digits === undefined) return undefined;
  const seq = Number(digits);
  return Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}
