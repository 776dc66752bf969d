/** The name of the pipeline that writes books. */
export const WRITE_BOOK = "write_book";

/**
 * What a job of `write_book` holds. The request itself stays in the book's record, so that a long brief is not copied into
 * every report; here is what planning and messages need.
 */
export interface WriteBookInput {
  readonly bookId: number;
  readonly title: string;
  readonly chapters: number;
}

/** Whether a stored job's input is ours: it was read from a disk. */
export function isWriteBookInput(value: unknown): value is WriteBookInput {
  if (typeof value !== "object" || value === null) return false;
  const { bookId, title, chapters } = value as Partial<WriteBookInput>;
  return (
    Number.isSafeInteger(bookId) && typeof title === "string" && Number.isSafeInteger(chapters)
  );
}
