import { InkwireError, type Message } from "../protocol/index.js";
import type { Topic } from "../protocol/index.js";
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

/** Begins at once: what is published from now on waits in the outbox until the replay has been handed out. */
export function createSubscription(
  bus: Attachable,
  topics: readonly Topic[],
  options: SubscribeOptions,
  onClose: (subscription: Subscription) => void,
): Subscription & { end(): void } {
  return new BusSubscription(bus, topics, options, onClose);
}

class BusSubscription implements Subscription {
  readonly resumed: Promise<Resume>;
  readonly #outbox: Outbox;
  readonly #attachment: Attachment;
  readonly #signal: AbortSignal | undefined;
  readonly #onClose: (subscription: Subscription) => void;
  readonly #onAbort = (): void => this.close();
  /** Messages that are next, oldest first; refilled from the outbox. */
  #batch: readonly Envelope[] = [];
  #at = 0;
  #replaying = true;
  #closed = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(
    bus: Attachable,
    topics: readonly Topic[],
    options: SubscribeOptions,
    onClose: (subscription: Subscription) => void,
  ) {
    this.#outbox = createOutbox({ maxBytes: options.maxOutboxBytes ?? DEFAULT_MAX_OUTBOX_BYTES });
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
    if (this.#closed) return;
    this.#closed = true;
    this.#attachment.close();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onClose(this);
    this.#wake?.();
  }

  /** The bus is closing: what waits is still handed out. */
  end(): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.#outbox.clear();
        this.#batch = [];
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
    try {
      const { verdict, gaps, envelopes, head, headSeq } = await bus.replay(topics, after);
      this.#outbox.dropThrough(headSeq);
      this.#batch = envelopes;
      return { verdict, gaps, head, replayed: envelopes.length };
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#replaying = false;
      this.#wake?.();
    }
  }

  #deliver(envelope: Envelope): void {
    if (this.#closed) return;
    if (this.#outbox.push(envelope)) this.#wake?.();
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
    this.close();
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
      await new Promise<void>((wake) => (this.#wake = wake));
      this.#wake = undefined;
    }
  }
}
