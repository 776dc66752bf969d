import type { CloseReason, ConnectionCounts, ConnectionInfo, TransportName } from "./types.js";

export interface Registered {
  readonly id: string;
  readonly userId: string;
  readonly transport: TransportName;
}

/** Connections by id and by user. A user with one connection, as most have, costs no list. */
export class Registry<C extends Registered> {
  readonly #byId = new Map<string, C>();
  readonly #byUser = new Map<string, C | Set<C>>();
  readonly #onOpen = new Set<(info: ConnectionInfo) => void>();
  readonly #onClose = new Set<(info: ConnectionInfo, reason: CloseReason) => void>();
  #sse = 0;

  get size(): number {
    return this.#byId.size;
  }

  get counts(): ConnectionCounts {
    const total = this.#byId.size;
    return { total, sse: this.#sse, websocket: total - this.#sse, users: this.#byUser.size };
  }

  add(connection: C): void {
    this.#byId.set(connection.id, connection);
    if (connection.transport === "sse") this.#sse += 1;
    const known = this.#byUser.get(connection.userId);
    if (known === undefined) this.#byUser.set(connection.userId, connection);
    else if (known instanceof Set) known.add(connection);
    else this.#byUser.set(connection.userId, new Set([known, connection]));
  }

  /** `false` when it was not there. */
  remove(connection: C): boolean {
    if (!this.#byId.delete(connection.id)) return false;
    if (connection.transport === "sse") this.#sse -= 1;
    const known = this.#byUser.get(connection.userId);
    if (known instanceof Set) known.delete(connection);
    if (known === connection || (known instanceof Set && known.size === 0)) {
      this.#byUser.delete(connection.userId);
    }
    return true;
  }

  get(id: string): C | undefined {
    return this.#byId.get(id);
  }

  /** Oldest first. */
  of(userId: string): readonly C[] {
    const known = this.#byUser.get(userId);
    if (known === undefined) return [];
    return known instanceof Set ? [...known] : [known];
  }

  countOf(userId: string): number {
    const known = this.#byUser.get(userId);
    if (known === undefined) return 0;
    return known instanceof Set ? known.size : 1;
  }

  users(): IterableIterator<string> {
    return this.#byUser.keys();
  }

  values(): IterableIterator<C> {
    return this.#byId.values();
  }

  onOpen(listener: (info: ConnectionInfo) => void): () => void {
    this.#onOpen.add(listener);
    return () => void this.#onOpen.delete(listener);
  }

  onClose(listener: (info: ConnectionInfo, reason: CloseReason) => void): () => void {
    this.#onClose.add(listener);
    return () => void this.#onClose.delete(listener);
  }

  tellOpen(info: ConnectionInfo): void {
    for (const listener of this.#onOpen) swallow(() => listener(info));
  }

  tellClose(info: ConnectionInfo, reason: CloseReason): void {
    for (const listener of this.#onClose) swallow(() => listener(info, reason));
  }
}

/** A listener that throws must not cost others their news. */
function swallow(tell: () => void): void {
  try {
    tell();
  } catch {
    // Documented at `Connections`.
  }
}
