import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createProgress } from "../../src/pipeline/progress.js";

describe("progress", () => {
  it("is the weighted sum over the plan", () => {
    const progress = createProgress([
      { name: "outline", weight: 1 },
      { name: "chapter", weight: 8, count: 2 },
      { name: "assemble", weight: 3 },
    ]);
    const [outline] = progress.parts("outline", 1, 1);
    outline?.(1);
    expect(progress.value()).toBe(5);
    const [first, second] = progress.parts("chapter", 8, 2);
    first?.(0.5);
    second?.(0.25);
    expect(progress.value()).toBe(35);
    first?.(1);
    second?.(1);
    expect(progress.value()).toBe(85);
  });

  it("says 100 never by itself: that is for the end of the job", () => {
    const progress = createProgress([{ name: "only", weight: 1 }]);
    progress.parts("only", 1, 1)[0]?.(1);
    expect(progress.value()).toBe(99.9);
  });

  it("begins where an earlier run was", () => {
    expect(createProgress([], 42).value()).toBe(42);
    expect(createProgress([], 1e9).value()).toBe(99.9);
  });

  it.each([
    [{ name: "a", weight: -1 }],
    [{ name: "a", weight: Number.NaN }],
    [{ name: "a", weight: 1, count: 1.5 }],
    [{ name: "a", weight: 1, count: -1 }],
  ])("refuses the plan %j", (step) => {
    expect(() => createProgress([step])).toThrow("weight");
  });

  it("goes from 0 to 100 and never back, whatever the plan and what is really done", () => {
    const name = fc.constantFrom("a", "b", "c");
    const weight = fc.double({ min: 0, max: 100, noNaN: true });
    const planned = fc.record({ name, weight, count: fc.integer({ min: 0, max: 4 }) });
    const call = fc.record({
      name,
      weight,
      ratios: fc.array(fc.oneof(fc.double(), fc.constantFrom(0, 0.5, 1, 2, -1)), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(planned),
        fc.array(call),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (plan, calls, floor) => {
          const progress = createProgress(plan, floor);
          let last = progress.value();
          for (const { name: step, weight: own, ratios } of calls) {
            const parts = progress.parts(step, own, ratios.length);
            for (const [index, ratio] of ratios.entries()) {
              parts[index]?.(ratio);
              const now = progress.value();
              expect(now).toBeGreaterThanOrEqual(last);
              expect(now).toBeLessThanOrEqual(99.9);
              last = now;
            }
          }
        },
      ),
    );
  });
});
