import type { ConnectionInfo } from "../transports/types.js";
import { Mirror, type Delta } from "./mirror.js";
import { within } from "./within.js";

/** How long reading another node's list may take, in milliseconds. */
const MAX_READ_MS = 30_000;

/** Keeps the mirror of the other nodes true: by what they tell, and where a word of it was missed by their lists in Redis. */
export interface Others {
  readonly mirror: Mirror;
  /** What a node tells of itself. */
  heard(node: string, delta: Delta): void;
  /**
   * Reads the lists that are behind what they should be, and forgets who is not among these nodes.
   *
   * @param versions - of all nodes, as of now.
   */
  compare(versions: ReadonlyMap<string, number>): Promise<void>;
}

export interface OthersOptions {
  /** This one, which needs no mirror. */
  readonly node: string;
  readonly read: (
    node: string,
  ) => Promise<{ readonly version: number; readonly connections: readonly ConnectionInfo[] }>;
  /** Told of each user who was seen at another node. */
  readonly onCame: (userId: string) => void;
}

export function createOthers({ node: own, read, onCame }: OthersOptions): Others {
  const mirror = new Mirror();
  /** Words of nodes whose list is being read. */
  const reading = new Map<string, Delta[]>();
  /** The version that each node's list should have reached, as of the last beat. */
  const expected = new Map<string, number>();

  async function readAnew(node: string): Promise<void> {
    if (reading.has(node)) return;
    const meanwhile: Delta[] = [];
    reading.set(node, meanwhile);
    try {
      const { version, connections } = await read(node);
      mirror.replace(node, version, connections);
      for (const delta of meanwhile) mirror.apply(node, delta);
      for (const { userId } of connections) onCame(userId);
    } finally {
      reading.delete(node);
    }
  }

  return {
    mirror,
    heard(node, delta) {
      const kept = reading.get(node);
      if (kept !== undefined) kept.push(delta);
      else if (!mirror.apply(node, delta)) void readAnew(node).catch(() => {});
      else for (const { userId } of delta.opened) onCame(userId);
    },
    // A word may still be on its way, so a list is read again only when it is behind for two beats.
    async compare(versions) {
      mirror.keepOnly(new Set(versions.keys()));
      for (const [node, latest] of versions) {
        if (node === own || reading.has(node)) continue;
        const isLate = !mirror.has(node) || !mirror.reached(node, expected.get(node) ?? 0);
        expected.set(node, latest);
        if (isLate) await within(MAX_READ_MS, () => readAnew(node));
      }
      for (const node of expected.keys()) if (!versions.has(node)) expected.delete(node);
    },
  };
}
