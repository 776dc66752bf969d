import type { InkwireError } from "@inkwire/core/protocol";
import type { Memory } from "../memory.js";
import type { TransportName } from "../types.js";
import type { Chooser, Transport } from "./types.js";

/** For so long after the first transport was found blocked the other one goes first. */
export const RETRY_FIRST_MS = 30 * 60_000;
/** Strikes that move on to the next transport. */
const OUT = 2;

/**
 * The first that works, in the order given. What worked is remembered, so that a reload does not wait for a blocked one
 * again; after {@link RETRY_FIRST_MS} the next attempt begins with the first.
 */
export function createChooser(
  transports: readonly [Transport, ...Transport[]],
  memory: Memory,
  now: () => number,
): Chooser {
  let strikes = 0;
  const [remembered, until] = memory.get("transport")?.split(" ") ?? [];
  let current =
    transports.find(({ name }) => name === (remembered as TransportName)) ?? transports[0];
  let firstAgainAt = Number(until) || 0;

  return {
    pick() {
      if (now() >= firstAgainAt) current = transports[0];
      return current;
    },
    worked() {
      strikes = 0;
      if (current !== transports[0]) memory.set("transport", `${current.name} ${firstAgainAt}`);
    },
    failed({ code }) {
      strikes += strikesOf(code);
      if (strikes < OUT) return;
      strikes = 0;
      current = transports[(transports.indexOf(current) + 1) % transports.length] ?? current;
      firstAgainAt = now() + RETRY_FIRST_MS;
    },
  };
}

/**
 * Silence and answers in another language are of something on the way. A connection that broke may be bad luck, once.
 * An absent server, or one that refuses, says nothing about the transport.
 */
function strikesOf(code: InkwireError["code"]): number {
  if (code === "connection_lost") return 1;
  return ["connection_silent", "not_a_stream", "redirected", "cors_refused"].includes(code)
    ? OUT
    : 0;
}
