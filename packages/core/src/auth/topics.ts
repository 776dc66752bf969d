import { ALL, isTopic, type Topic } from "../protocol/index.js";
import type { Identity } from "./identity.js";

/** Whether somebody may read a topic; asked for each topic of each connection, so also before each replay. */
export type TopicPolicy = (identity: Identity, topic: Topic) => boolean | Promise<boolean>;

export interface TopicPolicyOptions {
  /**
   * Whether the book is this user's. "There is none" is `false`; what it rejects with refuses the whole connection.
   *
   * @default there are no books
   */
  readonly ownsBook?: ((userId: string, bookId: number) => boolean | Promise<boolean>) | undefined;
  /**
   * Asked first: `true` and `false` decide, `undefined` leaves it to the rule of the house. For topics of an application,
   * such as `room/<id>`, or for stricter rules.
   */
  readonly custom?:
    | ((identity: Identity, topic: Topic) => boolean | undefined | Promise<boolean | undefined>)
    | undefined;
}

/**
 * The rule of the house, as far as the token alone decides: `all`, the user's own `user/<id>`, and the topics that the
 * token grants. Everything else, a malformed topic included, is not theirs.
 */
export function canSubscribe(identity: Identity, topic: Topic): boolean {
  if (topic === ALL || topic === `user/${identity.userId}`) return true;
  return identity.topics.includes(topic) && isTopic(topic);
}

/**
 * The one place that decides who may read what: the embedder's rule, then {@link canSubscribe}, then whose book it is.
 * An answer that needs no look-up comes without a promise.
 */
export function createTopicPolicy({ ownsBook, custom }: TopicPolicyOptions = {}): TopicPolicy {
  const byHouse: TopicPolicy = (identity, topic) => {
    if (canSubscribe(identity, topic)) return true;
    const bookId = bookIdOf(topic);
    if (ownsBook === undefined || bookId === undefined) return false;
    return ownsBook(identity.userId, bookId);
  };
  if (custom === undefined) return byHouse;
  return (identity, topic) => {
    const answer = custom(identity, topic);
    return answer instanceof Promise
      ? answer.then((late) => late ?? byHouse(identity, topic))
      : (answer ?? byHouse(identity, topic));
  };
}

/** The number of `book/<number>`. One number has one topic, so `book/07` is none. */
function bookIdOf(topic: Topic): number | undefined {
  const id = Number(/^book\/([1-9]\d{0,15})$/.exec(topic)?.[1]);
  return Number.isSafeInteger(id) ? id : undefined;
}
