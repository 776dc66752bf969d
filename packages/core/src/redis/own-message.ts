import type { Draft, Envelope, Seal } from "../bus/types.js";
import { encodeCursor, type InkwireError } from "../protocol/index.js";
import { entryFields } from "./history-entry.js";
import type { Outgoing } from "./history-writer.js";

/** How long a message that is in Redis may take to be read from there before its publisher is told all the same, in milliseconds. */
const MAX_READ_MS = 5_000;

/** Where it stands, once Redis has said so. */
interface Place {
  readonly epoch: string;
  readonly seq: number;
}

export interface OwnMessageOptions {
  readonly draft: Draft;
  readonly seal: Seal;
  /** The number it will probably have. */
  readonly expected: Place;
  readonly deadline: number;
  readonly onAppended: (own: OwnMessage, place: Place) => void;
  readonly onSettled: (own: OwnMessage) => void;
}

/** A message that was published in this process, from there to its place in the order. */
export class OwnMessage implements Outgoing {
  readonly published: Promise<Envelope>;
  readonly fields: readonly string[];
  readonly deadline: number;
  /** What it bears in Redis, once it was sent. */
  mark = "";
  readonly #options: OwnMessageOptions;
  readonly #trial: Envelope;
  readonly #result = Promise.withResolvers<Envelope>();
  #place: Place | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSettled = false;

  /** @throws InkwireError what `seal` throws: nothing was sent then. */
  constructor(options: OwnMessageOptions) {
    this.#options = options;
    this.deadline = options.deadline;
    this.published = this.#result.promise;
    this.#trial = this.#sealedAt(options.expected);
    this.fields = entryFields(this.#trial);
  }

  /** The same envelope for as long as the number is the one that was expected. */
  envelopeAt(place: Place): Envelope {
    return this.#trial.id === encodeCursor(place.epoch, place.seq)
      ? this.#trial
      : this.#sealedAt(place);
  }

  appended(epoch: string, seq: number): void {
    if (this.#isSettled) return;
    this.#place = { epoch, seq };
    this.#options.onAppended(this, this.#place);
    if (this.#isSettled) return;
    this.#timer = setTimeout(() => this.settle(), MAX_READ_MS);
  }

  failed(error: InkwireError): void {
    if (this.#settled()) this.#result.reject(error);
  }

  /** It was told to the listeners; or, without an envelope, that takes too long, and it is in Redis all the same. */
  settle(envelope?: Envelope): void {
    const told = envelope ?? (this.#place && this.envelopeAt(this.#place));
    if (told !== undefined && this.#settled()) this.#result.resolve(told);
  }

  #settled(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.onSettled(this);
    return true;
  }

  #sealedAt({ epoch, seq }: Place): Envelope {
    const { type, topic, time, data } = this.#options.draft;
    const message = Object.freeze({ id: encodeCursor(epoch, seq), type, topic, time, data });
    return this.#options.seal(message, seq);
  }
}
