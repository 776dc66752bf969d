import { InkwireError } from "../protocol/index.js";
import type { PlannedStep } from "./types.js";

/** Adds up how far a run is. */
export interface Progress {
  /**
   * Takes up `count` parts of the steps called `name`, and gives back how to say of each how far it is, from 0 to 1;
   * less than before is ignored. `weight` counts only for a name that the plan does not have.
   */
  parts(name: string, weight: number, count: number): ReadonlyArray<(ratio: number) => void>;
  /** 0 to 99.9, in tenths, never less than before: 100 is said only by the end. */
  value(): number;
}

interface Group {
  /** What all of its parts together weigh. */
  readonly share: number;
  /** How many parts the plan says. */
  readonly planned: number;
  taken: number;
  /** The sum of the ratios of its parts. */
  done: number;
}

/**
 * Progress as the weighted sum over the plan. Where a run does more parts than planned, they share their group's weight;
 * where a step was not planned at all, its weight is added; neither lets the value go back.
 *
 * @param floor - where an earlier run was, 0 to 100.
 * @throws InkwireError `invalid_option` for weights or counts that are not numbers from 0.
 */
export function createProgress(plan: readonly PlannedStep[], floor = 0): Progress {
  const groups = new Map<string, Group>();
  let highest = Math.min(Math.max(floor, 0), 99.9);

  const add = (name: string, weight: number, count: number): Group => {
    if (!(Number.isFinite(weight) && weight >= 0 && Number.isInteger(count) && count >= 0)) {
      throw new InkwireError(
        "invalid_option",
        `Expected step ${JSON.stringify(name)} to have a weight >= 0 and an integer count >= 0, got ${weight} and ${count}`,
      );
    }
    const group = { share: weight * count, planned: count, taken: 0, done: 0 };
    groups.set(name, group);
    return group;
  };
  for (const { name, weight, count = 1 } of plan) add(name, weight, count);

  return {
    parts(name, weight, count) {
      const group = groups.get(name) ?? add(name, weight, count);
      group.taken += count;
      return Array.from({ length: count }, () => {
        let reached = 0;
        return (ratio) => {
          if (!(ratio > reached)) return;
          const next = Math.min(ratio, 1);
          group.done += next - reached;
          reached = next;
        };
      });
    },
    value() {
      let done = 0;
      let total = 0;
      for (const group of groups.values()) {
        total += group.share;
        const parts = Math.max(group.planned, group.taken);
        if (parts > 0) done += group.share * Math.min(1, group.done / parts);
      }
      const now = total === 0 ? 0 : Math.floor((done / total) * 1_000) / 10;
      highest = Math.max(highest, Math.min(now, 99.9));
      return highest;
    },
  };
}
