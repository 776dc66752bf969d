import { setImmediate } from "node:timers/promises";
import type { Hub } from "./hub.js";

/** So many are told at a time; between two the process does other things. */
const BATCH = 500;

/**
 * Tells every connection when to come back, each its own time: the window is cut into as many parts as there are
 * connections, so that the next server meets an even stream instead of a herd. Resolves when all are gone, or after
 * `drainMs`, when the rest is cut.
 */
export async function drain(hub: Hub): Promise<void> {
  const { registry, options, leaving } = hub;
  const { drainMs, random, now } = options;
  const all = [...registry.values()];
  const startedAt = now();
  for (const [index, connection] of all.entries()) {
    connection.say("drain", ((index + random()) / all.length) * drainMs);
    if (index % BATCH === BATCH - 1) await setImmediate();
  }
  if (leaving.size > 0 && drainMs > 0) {
    await new Promise<void>((resolve) => {
      const stop = options.every(Math.min(50, drainMs), () => {
        if (leaving.size > 0 && now() - startedAt < drainMs) return;
        stop();
        resolve();
      });
    });
  }
  for (const connection of leaving) connection.cut();
}
