import type { Identity } from "../auth/identity.js";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { notFound } from "../transports/doorman.js";
import { packIdentity, unpackIdentity, type NodeWord } from "./node-words.js";

/** How long another node may take to answer, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Asks the node that has a connection to give it a fresh identity, and does so for others who ask. */
export interface Errands {
  /** @throws InkwireError `not_found`, `storage_failed` when that node does not answer. */
  renew(node: string, connectionId: string, identity: Identity): Promise<void>;
  heard(word: NodeWord): void;
}

export interface ErrandsOptions {
  readonly node: string;
  readonly send: (word: NodeWord) => void;
  readonly renewHere: (connectionId: string, identity: Identity) => Promise<void>;
  readonly uuid: () => string;
  readonly onProblem: (problem: unknown) => void;
}

export function createErrands(options: ErrandsOptions): Errands {
  const { node, send, renewHere, uuid, onProblem } = options;
  const waiting = new Map<string, (code: string | undefined) => void>();

  const answer = async (word: Extract<NodeWord, { is: "renew" }>): Promise<void> => {
    const back = { is: "renewed", to: word.from, call: word.call } as const;
    try {
      await renewHere(word.connection, unpackIdentity(word.identity));
      send(back);
    } catch (error) {
      if (!isInkwireError(error, "not_found")) onProblem(error);
      send({ ...back, code: isInkwireError(error) ? error.code : "internal" });
    }
  };

  return {
    async renew(to, connection, identity) {
      const call = uuid();
      const code = await new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve("silent"), PATIENCE_MS);
        waiting.set(call, (told) => {
          clearTimeout(timer);
          resolve(told);
        });
        send({ is: "renew", to, from: node, call, connection, identity: packIdentity(identity) });
      });
      waiting.delete(call);
      if (code === undefined) return;
      if (code === "not_found") throw notFound();
      throw new InkwireError("storage_failed", "The node of this connection does not answer.", {
        retryable: true,
        retryAfterMs: PATIENCE_MS,
      });
    },
    heard(word) {
      if (word.is === "renew" && word.to === node) void answer(word);
      if (word.is === "renewed" && word.to === node) waiting.get(word.call)?.(word.code);
    },
  };
}
