/** Waiting jobs: higher priorities first, and within one the owners in turn, each in the order of coming. */
export interface Turns {
  readonly size: number;
  add(jobId: string, owner: string, priority: number): void;
  next(): string | undefined;
  /** `false` when it does not wait. */
  remove(jobId: string): boolean;
}

export function createTurns(): Turns {
  /** Per priority the owners in the order of their turns, each with what waits of theirs. */
  const levels = new Map<number, Map<string, string[]>>();
  const waiting = new Map<string, { readonly owner: string; readonly priority: number }>();

  function forget(jobId: string): void {
    const place = waiting.get(jobId);
    if (place === undefined) return;
    waiting.delete(jobId);
    const owners = levels.get(place.priority);
    const jobs = owners?.get(place.owner);
    jobs?.splice(jobs.indexOf(jobId), 1);
    if (jobs?.length === 0) owners?.delete(place.owner);
    if (owners?.size === 0) levels.delete(place.priority);
  }

  return {
    get size() {
      return waiting.size;
    },
    add(jobId, owner, priority) {
      if (waiting.has(jobId)) return;
      waiting.set(jobId, { owner, priority });
      const owners = levels.get(priority) ?? new Map<string, string[]>();
      levels.set(priority, owners);
      owners.set(owner, [...(owners.get(owner) ?? []), jobId]);
    },
    next() {
      if (waiting.size === 0) return undefined;
      const owners = levels.get(Math.max(...levels.keys()));
      const [turn] = owners ?? [];
      const jobId = turn?.[1][0];
      if (owners === undefined || turn === undefined || jobId === undefined) return undefined;
      forget(jobId);
      // To the end of the line, if anything of theirs is left.
      const rest = owners.get(turn[0]);
      if (rest !== undefined) {
        owners.delete(turn[0]);
        owners.set(turn[0], rest);
      }
      return jobId;
    },
    remove(jobId) {
      const isWaiting = waiting.has(jobId);
      forget(jobId);
      return isWaiting;
    },
  };
}
