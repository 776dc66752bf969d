import { InkwireError, parseCursor, type Message, type Topic } from "../protocol/index.js";
import { hasMissed } from "./missed.js";
import { createOutbox, type Outbox } from "./outbox.js";
import type {
  Attachable,
  Attachment,
  Envelope,
  Resume,
  SubscribeOptions,
  Subscription,
} from "./types.js";

export const DEFAULT_MAX_OUTBOX_BYTES = 1_048_576;

/** A subscription as the bus sees it. */
export interface EndableSubscription extends Subscription {
  /** Nothing more comes; what waits is still handed out. */
  end(): void;
  /** Something of these topics, or of any, is gone that it was owed. */
  missed(topics: ReadonlySet<Topic> | undefined): void;
}

/** Begins at once: what is published from now on waits in the outbox until the replay has been handed out. */
export function createSubscription(
  bus: Attachable,
  topics: readonly Topic[],
  options: SubscribeOptions,
  onClose: (subscription: EndableSubscription) => void,
): EndableSubscription {
  return new BusSubscription(bus, topics, options, onClose);
}

class BusSubscription implements EndableSubscription {
  readonly resumed: Promise<Resume>;
  readonly #outbox: Outbox;
  readonly #attachment: Attachment;
  readonly #signal: AbortSignal | undefined;
  readonly #onClose: (subscription: EndableSubscription) => void;
  readonly #onAbort = (): void => this.close();
  /** Messages that are next, oldest first; refilled from the outbox. */
  #batch: readonly Envelope[] = [];
  #at = 0;
  #replaying = true;
  #closed = false;
  /** Closed by its reader, who wants nothing more; not by the bus. */
  #discarded = false;
  #failure: unknown;
  /** Several `next()` may wait at once. */
  #waiting: (() => void)[] = [];

  constructor(
    bus: Attachable,
    topics: readonly Topic[],
    options: SubscribeOptions,
    onClose: (subscription: EndableSubscription) => void,
  ) {
    this.#outbox = createOutbox({
      maxBytes: options.maxOutboxBytes ?? DEFAULT_MAX_OUTBOX_BYTES,
      awaitsReplay: true,
    });
    this.#onClose = onClose;
    this.#signal = options.signal;
    this.#attachment = bus.attach(topics, (envelope) => this.#deliver(envelope));
    this.resumed = this.#resume(bus, topics, options);
    // Who iterates meets the same error; who awaits `resumed` too. Nobody has to do both.
    this.resumed.catch(() => {});
    if (options.signal?.aborted === true) this.close();
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  close(): void {
    this.#discarded = true;
    this.#outbox.clear();
    this.#batch = [];
    this.end();
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#attachment.close();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onClose(this);
    this.#wake();
  }

  missed(topics: ReadonlySet<Topic> | undefined): void {
    if (!hasMissed(this.#attachment.topics, topics)) return;
    this.#fail(
      new InkwireError("history_lost", "Messages of this reader are gone from the history.", {
        retryable: true,
        hint: "Subscribe again with the cursor of the last message: the verdict names what has a gap.",
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  async #resume(
    bus: Attachable,
    topics: readonly Topic[],
    { after }: SubscribeOptions,
  ): Promise<Resume> {
    const headSeqNow = parseCursor(bus.head())?.seq ?? 0;
    try {
      const { verdict, gaps, envelopes, head, headSeq } = await bus.replay(topics, after);
      // A fresh reader is owed all from its beginning on, also what came while a slow history was still answering.
      this.#outbox.dropThrough(verdict === "fresh" ? headSeqNow : headSeq);
      if (!this.#discarded) this.#batch = envelopes;
      return { verdict, gaps, head, replayed: envelopes.length };
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#replaying = false;
      this.#wake();
    }
  }

  #deliver(envelope: Envelope): void {
    if (this.#closed) return;
    if (this.#outbox.push(envelope)) this.#wake();
    else
      this.#fail(
        new InkwireError(
          "slow_consumer",
          "The reader fell too far behind; it can resume from its cursor.",
          { retryable: true },
        ),
      );
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure = error;
    this.end();
  }

  async #next(): Promise<IteratorResult<Message>> {
    for (;;) {
      if (!this.#replaying) {
        const envelope = this.#batch[this.#at];
        if (envelope !== undefined) {
          this.#at += 1;
          return { done: false, value: envelope.message };
        }
        if (!this.#outbox.isEmpty) {
          this.#batch = this.#outbox.take();
          this.#at = 0;
          continue;
        }
      }
      if (this.#closed) {
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure;
        return { done: true, value: undefined };
      }
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  #wake(): void {
    if (this.#waiting.length > 0) for (const wake of this.#waiting.splice(0)) wake();
  }
}
