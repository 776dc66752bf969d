import type { Topic } from "../protocol/index.js";
import type { Attachment, Envelope } from "./types.js";

interface Reader {
  readonly deliver: (envelope: Envelope) => void;
}

/** Who reads what: a list per topic, so that a message costs as much as it has readers, however many others there are. */
export class TopicTable {
  readonly #readers = new Map<Topic, Set<Reader>>();
  #attachments = 0;

  get size(): number {
    return this.#attachments;
  }

  attach(topics: Iterable<Topic>, deliver: (envelope: Envelope) => void): Attachment {
    const reader: Reader = { deliver };
    const mine = new Set<Topic>();
    let isOpen = true;
    const attachment: Attachment = {
      topics: mine,
      add: (more) => {
        if (!isOpen) return;
        for (const topic of more) {
          mine.add(topic);
          let readers = this.#readers.get(topic);
          if (readers === undefined) this.#readers.set(topic, (readers = new Set()));
          readers.add(reader);
        }
      },
      remove: (fewer) => {
        for (const topic of fewer) {
          mine.delete(topic);
          this.#leave(topic, reader);
        }
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#attachments -= 1;
        for (const topic of mine) this.#leave(topic, reader);
      },
    };
    this.#attachments += 1;
    attachment.add(topics);
    return attachment;
  }

  deliver(envelope: Envelope): void {
    const readers = this.#readers.get(envelope.message.topic);
    if (readers === undefined) return;
    for (const reader of readers) {
      try {
        reader.deliver(envelope);
      } catch {
        // A reader that throws breaks its own promise, and must not cost the others their message.
      }
    }
  }

  #leave(topic: Topic, reader: Reader): void {
    const readers = this.#readers.get(topic);
    readers?.delete(reader);
    if (readers?.size === 0) this.#readers.delete(topic);
  }
}
