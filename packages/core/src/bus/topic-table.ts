import type { Topic } from "../protocol/index.js";
import type { Attachment, Envelope, Receiver } from "./types.js";

/** Who reads what: a list per topic, so that a message costs as much as it has readers, however many others there are. */
export class TopicTable {
  /** A topic with one reader, as that of most users, costs no list. */
  readonly #readers = new Map<Topic, Receiver | Set<Receiver>>();
  #attachments = 0;

  get size(): number {
    return this.#attachments;
  }

  attach(topics: Iterable<Topic>, receiver: Receiver): Attachment {
    const reader = new Reader(this, receiver);
    this.#attachments += 1;
    reader.add(topics);
    return reader;
  }

  deliver(envelope: Envelope): void {
    const readers = this.#readers.get(envelope.topic);
    if (readers === undefined) return;
    if (readers instanceof Set) for (const reader of readers) tell(reader, envelope);
    else tell(readers, envelope);
  }

  join(topic: Topic, reader: Receiver): void {
    const readers = this.#readers.get(topic);
    if (readers === undefined) this.#readers.set(topic, reader);
    else if (readers instanceof Set) readers.add(reader);
    else if (readers !== reader) this.#readers.set(topic, new Set([readers, reader]));
  }

  leave(topic: Topic, reader: Receiver): void {
    const readers = this.#readers.get(topic);
    if (readers instanceof Set) readers.delete(reader);
    const isLast = readers === reader || (readers instanceof Set && readers.size === 0);
    if (isLast) this.#readers.delete(topic);
  }

  left(): void {
    this.#attachments -= 1;
  }
}

class Reader implements Attachment {
  readonly topics = new Set<Topic>();
  readonly #receiver: Receiver;
  readonly #table: TopicTable;
  #isOpen = true;

  constructor(table: TopicTable, receiver: Receiver) {
    this.#table = table;
    this.#receiver = receiver;
  }

  add(topics: Iterable<Topic>): void {
    if (!this.#isOpen) return;
    for (const topic of topics) {
      this.topics.add(topic);
      this.#table.join(topic, this.#receiver);
    }
  }

  remove(topics: Iterable<Topic>): void {
    for (const topic of topics) {
      this.topics.delete(topic);
      this.#table.leave(topic, this.#receiver);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#table.left();
    for (const topic of this.topics) this.#table.leave(topic, this.#receiver);
  }
}

function tell(reader: Receiver, envelope: Envelope): void {
  try {
    reader.deliver(envelope);
  } catch {
    // A reader that throws breaks its own promise, and must not cost the others their message.
  }
}
