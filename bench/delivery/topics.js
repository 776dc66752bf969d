// Who listens to what, the cheapest way that still has topics: the peers that bring no topics of their own use it.

/** @template T */
export class Topics {
  #subscribers = /** @type {Map<string, Set<T>>} */ (new Map());

  get size() {
    return this.of("all").size;
  }

  /** @param {readonly string[]} topics @param {T} subscriber @returns {() => void} how to leave */
  join(topics, subscriber) {
    for (const topic of topics) {
      let set = this.#subscribers.get(topic);
      if (set === undefined) this.#subscribers.set(topic, (set = new Set()));
      set.add(subscriber);
    }
    return () => {
      for (const topic of topics) this.#subscribers.get(topic)?.delete(subscriber);
    };
  }

  /** @param {string} topic @returns {ReadonlySet<T>} */
  of(topic) {
    return this.#subscribers.get(topic) ?? NOBODY;
  }
}

/** @type {ReadonlySet<any>} */
const NOBODY = new Set();

/**
 * What was published to all, for those who come back. As much as a storm replays, and no more.
 *
 * @template T
 */
export class Past {
  #entries = /** @type {{ id: string, entry: T }[]} */ ([]);

  /** @param {string} topic @param {string} id @param {T} entry */
  keep(topic, id, entry) {
    if (topic !== "all") return;
    this.#entries.push({ id, entry });
    if (this.#entries.length > 2000) this.#entries = this.#entries.slice(-1000);
  }

  /** @param {string | undefined} id @returns {T[]} */
  after(id) {
    if (id === undefined) return [];
    const at = this.#entries.findLastIndex((entry) => entry.id === id);
    return this.#entries.slice(at + 1).map(({ entry }) => entry);
  }
}
