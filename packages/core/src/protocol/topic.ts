/** Where a message is addressed: `all`, or `<kind>/<id>` such as `user/42` and `book/7`. */
export type Topic = "all" | `${string}/${string}`;

/** The topic that every identity may read. */
export const ALL: Topic = "all";

// An id may be another system's (`auth0|5f`, an address), so more than digits; never a comma, a space or a slash,
// which separate topics on the wire.
const PATTERN = /^(all|[a-z][a-z0-9_-]{0,31}\/[A-Za-z0-9._~:@|+=-]{1,128})$/;

/** Whether a value is a topic as the wire takes it: `all`, or a kind and an id. */
export function isTopic(value: unknown): value is Topic {
  return typeof value === "string" && PATTERN.test(value);
}

/** @throws TypeError when the id can't stand in a topic: 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ | + = -`. */
export function makeTopic(kind: string, id: string | number): Topic {
  const topic = `${kind}/${id}`;
  if (!isTopic(topic)) {
    throw new TypeError(
      "Expected a topic id of 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | + = -",
    );
  }
  return topic;
}

/** The topic of a user. `userTopic("42")` is `user/42`; throws a TypeError where the id can't stand in a topic. */
export const userTopic = (userId: string): Topic => makeTopic("user", userId);
/** The topic of a book and its text: `bookTopic(7)` is `book/7`. */
export const bookTopic = (bookId: number): Topic => makeTopic("book", bookId);
