import { setTimeout as sleep } from "node:timers/promises";

/** What goes wrong on the way. Each number is the chance, in `[0, 1]`, that it happens at a message. */
export interface Faults {
  /** The connection ends before the message. */
  readonly drop?: number;
  /** It ends inside of the message, after a random number of its bytes. */
  readonly cut?: number;
  /** Nothing more comes, and nobody says so. */
  readonly halfOpen?: number;
  /** The message comes twice. */
  readonly duplicate?: number;
  /** It changes places with the next one. */
  readonly reorder?: number;
  /** Its bytes come in random pieces. */
  readonly split?: number;
  /** It waits for up to so many milliseconds, and all behind it. @default 0 */
  readonly delayMs?: number;
  /** Everything is kept until the connection ends, as a buffering proxy does. @default false */
  readonly buffer?: boolean;
}

/** The end of a wire that faults act on. */
export interface FaultyEnd {
  write(bytes: Buffer): void;
  /** Ends it without a word. */
  destroy(): void;
}

export interface FaultyPipe {
  readonly write: (bytes: Buffer) => void;
  /** Resolves when all that was written has gone through. */
  readonly flush: () => Promise<void>;
  /** Lets go of what a buffering proxy kept. */
  readonly release: () => void;
}

/** Passes chunks on in their order, with faults. */
export function createFaultyPipe(
  end: FaultyEnd,
  faults: () => Faults,
  random: () => number,
): FaultyPipe {
  let queue = Promise.resolve();
  let held: Buffer | undefined;
  let kept: Buffer[] = [];
  let isDead = false;
  const happens = (chance = 0): boolean => chance > 0 && random() < chance;
  const pass = (bytes: Buffer): void => {
    if (isDead) return;
    if (faults().buffer === true) kept.push(bytes);
    else end.write(bytes);
  };
  const die = (): void => {
    isDead = true;
    end.destroy();
  };

  async function send(bytes: Buffer): Promise<void> {
    const { drop, cut, halfOpen, duplicate, reorder, split, delayMs = 0 } = faults();
    if (isDead) return;
    if (delayMs > 0) await sleep(random() * delayMs);
    if (happens(drop)) return die();
    if (happens(halfOpen)) {
      isDead = true;
      return;
    }
    if (happens(cut)) {
      pass(bytes.subarray(0, Math.floor(random() * bytes.length)));
      return die();
    }
    if (held === undefined && happens(reorder)) {
      held = bytes;
      return;
    }
    if (happens(split)) {
      const at = Math.floor(random() * bytes.length);
      pass(bytes.subarray(0, at));
      await sleep(0);
      pass(bytes.subarray(at));
    } else pass(bytes);
    if (happens(duplicate)) pass(bytes);
    if (held !== undefined) {
      pass(held);
      held = undefined;
    }
  }

  return {
    write(bytes) {
      queue = queue.then(() => send(bytes));
    },
    flush: () => queue,
    release() {
      for (const bytes of kept) if (!isDead) end.write(bytes);
      kept = [];
    },
  };
}
