import type { ConnectionCounts, ConnectionInfo } from "../transports/types.js";
import { Registry } from "../transports/registry.js";

/** What one node says has happened to its connections, from one version of its list to the next. */
export interface Delta {
  readonly from: number;
  readonly to: number;
  readonly opened: readonly ConnectionInfo[];
  readonly closed: readonly string[];
}

interface MirroredNode {
  version: number;
  readonly connections: Map<string, ConnectionInfo>;
}

/** The connections of the other nodes, as they were heard of. A gap is seen by its version, and the list read anew. */
export class Mirror {
  readonly #nodes = new Map<string, MirroredNode>();
  readonly #all = new Registry<ConnectionInfo>();

  get counts(): ConnectionCounts {
    return this.#all.counts;
  }

  /** Each node with how many it has. */
  *nodes(): Iterable<readonly [id: string, connections: number]> {
    for (const [id, { connections }] of this.#nodes) yield [id, connections.size];
  }

  has(node: string): boolean {
    return this.#nodes.has(node);
  }

  countOf(userId: string): number {
    return this.#all.countOf(userId);
  }

  of(userId: string): readonly ConnectionInfo[] {
    return this.#all.of(userId);
  }

  users(): Iterable<string> {
    return this.#all.users();
  }

  reached(node: string, version: number): boolean {
    return (this.#nodes.get(node)?.version ?? -1) >= version;
  }

  /** `false` when something before it was missed: nothing is taken over then. */
  apply(node: string, { from, to, opened, closed }: Delta): boolean {
    const known = this.#nodes.get(node);
    if (known === undefined || known.version !== from)
      return known !== undefined && known.version >= to;
    for (const connection of opened) this.#put(known, connection);
    for (const id of closed) this.#drop(known, id);
    known.version = to;
    return true;
  }

  /** Takes over the whole list of a node. */
  replace(node: string, version: number, connections: Iterable<ConnectionInfo>): void {
    this.forget(node);
    const fresh: MirroredNode = { version, connections: new Map() };
    for (const connection of connections) this.#put(fresh, connection);
    this.#nodes.set(node, fresh);
  }

  forget(node: string): void {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    for (const connection of known.connections.values()) this.#all.remove(connection);
    this.#nodes.delete(node);
  }

  /** Forgets the nodes that are not among these. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const node of this.#nodes.keys()) if (!nodes.has(node)) this.forget(node);
  }

  #put(node: MirroredNode, connection: ConnectionInfo): void {
    this.#drop(node, connection.id);
    node.connections.set(connection.id, connection);
    this.#all.add(connection);
  }

  #drop(node: MirroredNode, id: string): void {
    const known = node.connections.get(id);
    if (known === undefined) return;
    node.connections.delete(id);
    this.#all.remove(known);
  }
}
