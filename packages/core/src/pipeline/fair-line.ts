import type { Queue, QueueAddOptions, RunFunction } from "p-queue";

/** What p-queue passes on with a task of ours. */
export interface LineOptions extends QueueAddOptions {
  readonly owner?: string;
}

interface Waiting {
  readonly id: string | undefined;
  readonly run: RunFunction;
}

/**
 * The order in which jobs go: the highest priority first; within it, the owner who has the fewest running, then owners
 * in turn; of one owner, first come, first served. So a hundred jobs of one user delay another's one job by a single turn.
 */
export class FairLine implements Queue<RunFunction, LineOptions> {
  /** By priority, then by owner. The order of the inner map is whose turn it is. */
  readonly #lanes = new Map<number, Map<string, Waiting[]>>();
  readonly #running: ReadonlyMap<string, number>;
  size = 0;

  /** @param running - how many jobs of each owner run now, kept up to date by the caller. */
  constructor(running: ReadonlyMap<string, number>) {
    this.#running = running;
  }

  enqueue(run: RunFunction, { priority = 0, owner = "", id }: Partial<LineOptions> = {}): void {
    const owners = this.#lanes.get(priority) ?? new Map<string, Waiting[]>();
    this.#lanes.set(priority, owners);
    const lane = owners.get(owner);
    if (lane === undefined) owners.set(owner, [{ id, run }]);
    else lane.push({ id, run });
    this.size++;
  }

  dequeue(): RunFunction | undefined {
    if (this.size === 0) return undefined;
    const priority = Math.max(...this.#lanes.keys());
    const owners = this.#lanes.get(priority);
    const owner = owners === undefined ? undefined : this.#whoseTurn(owners);
    const lane = owner === undefined ? undefined : owners?.get(owner);
    const next = lane?.shift();
    if (owners === undefined || owner === undefined || lane === undefined || next === undefined)
      return undefined;
    // To the end of the turn, if more of this owner wait.
    owners.delete(owner);
    if (lane.length > 0) owners.set(owner, lane);
    if (owners.size === 0) this.#lanes.delete(priority);
    this.size--;
    return next.run;
  }

  remove(id: string): void {
    for (const [priority, owners] of this.#lanes) {
      for (const [owner, lane] of owners) {
        const at = lane.findIndex((waiting) => waiting.id === id);
        if (at === -1) continue;
        lane.splice(at, 1);
        if (lane.length === 0) owners.delete(owner);
        if (owners.size === 0) this.#lanes.delete(priority);
        this.size--;
        return;
      }
    }
  }

  filter({ priority = 0 }: Readonly<Partial<LineOptions>>): RunFunction[] {
    return [...(this.#lanes.get(priority)?.values() ?? [])].flat().map(({ run }) => run);
  }

  /** Required by p-queue; a job keeps the priority that it was stored with. */
  setPriority(): void {
    throw new Error("The priority of a waiting job does not change.");
  }

  #whoseTurn(owners: ReadonlyMap<string, readonly Waiting[]>): string | undefined {
    let best: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const owner of owners.keys()) {
      const running = this.#running.get(owner) ?? 0;
      if (running < fewest) [best, fewest] = [owner, running];
    }
    return best;
  }
}
