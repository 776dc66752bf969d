/** The keys of a history in Redis, all in one slot of a cluster. */
export interface HistoryKeys {
  /** A hash: the epoch, the newest number, the bytes kept, and how far back topics were forgotten. */
  readonly state: string;
  /** A stream of the messages kept; ids are `<number>-<milliseconds>`. */
  readonly stream: string;
  /** A sorted set: the highest number that each topic has lost. */
  readonly lost: string;
  /** A hash: the newest number of each key of `latest`. */
  readonly newest: string;
  /** A short stream: an entry for each new epoch wakes the readers. */
  readonly epochs: string;
  /** What one process appended last, for a while. */
  publisher(id: string): string;
}

/** @param tag - what all keys begin with, such as `{inkwire}`. */
export function historyKeys(tag: string): HistoryKeys {
  const at = `${tag}:history`;
  return {
    state: at,
    stream: `${at}:stream`,
    lost: `${at}:lost`,
    newest: `${at}:newest`,
    epochs: `${at}:epochs`,
    publisher: (id) => `${at}:publisher:${id}`,
  };
}

export function scriptKeys(keys: HistoryKeys): readonly string[] {
  return [keys.state, keys.stream, keys.lost, keys.newest, keys.epochs];
}
