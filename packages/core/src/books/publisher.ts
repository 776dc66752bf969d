import type { Bus } from "../bus/types.js";
import type { BookMessages, MessageInput, MessageType, Topic } from "../protocol/index.js";

/**
 * Publishes one after the other, in the order of the calls. Messages are a view of what is stored: one that can't be
 * published is reported, and never fails the work that it tells of.
 */
export interface BookPublisher {
  /** Resolves when the message is out, or was given up; never rejects. */
  publish<T extends MessageType<BookMessages>>(
    topic: Topic,
    type: T,
    data: MessageInput<BookMessages, T>,
  ): Promise<void>;
  /** Resolves when all that was handed over so far is out. */
  settled(): Promise<void>;
}

/** @param onProblem - told about each message that could not be published. */
export function createPublisher(
  bus: Pick<Bus<BookMessages>, "publish">,
  onProblem: (error: unknown) => void,
): BookPublisher {
  let tail: Promise<void> = Promise.resolve();

  return {
    publish(topic, type, data) {
      const sent = tail.then(() => bus.publish(topic, type, data));
      tail = sent.then(() => undefined, onProblem);
      return tail;
    },
    settled: () => tail,
  };
}
