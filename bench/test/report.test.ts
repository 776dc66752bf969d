import { expect, it } from "vitest";
import { gates, judge, ratioSeries, type Results } from "../delivery/gates.js";
import { describeBroken, report } from "../delivery/report.js";
import { replaceBetween } from "../delivery/splice.js";
import { median, percentile, ratios, summarise } from "../delivery/statistics.js";

const WHOLE = { lost: 0, doubled: 0, reordered: 0, foreign: 0, delivered: 10 };
const CONTEXT = {
  date: "today",
  machine: "a machine",
  versions: "Node 1",
  rounds: 3,
  isQuick: false,
};

function fanOut(bare: readonly number[], inkwire: readonly number[]): Results {
  const samples = (values: readonly number[]) =>
    new Map(values.map((cpuMicros, round) => [round, { cpuMicros, verdict: WHOLE }]));
  return new Map([
    [
      "fan-out-1000",
      new Map([
        ["bare-socket" as const, samples(bare)],
        ["inkwire" as const, samples(inkwire)],
      ]),
    ],
  ]);
}

it("takes the middle, and of an even count the mean of the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
  expect(median([100, 9])).toBe(54.5);
  expect(median([])).toBeNaN();
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, rounds: 3 });
});

it("takes a percentile of sorted values", () => {
  const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.99, 1, 0].map((share) => percentile(sorted, share))).toEqual([50, 99, 100, 1]);
  expect(percentile(new Float64Array(), 0.5)).toBeNaN();
});

it("takes ratios within a round, and only where both were measured", () => {
  const mine = new Map([
    [0, 10],
    [1, 40],
    [3, 5],
  ]);
  const theirs = new Map([
    [0, 5],
    [1, 20],
    [2, 1],
  ]);
  expect(ratios(mine, theirs)).toEqual([2, 2]);
});

it("judges by the median of the ratios, not by the ratio of the medians", () => {
  // The machine was four times as slow in the second round, for both.
  const results = fanOut([1, 4, 1], [1.05, 4.2, 3]);
  expect([...ratioSeries(results, "fan-out-1000", "inkwire", "cpuMicros").values()]).toEqual([
    1.05, 1.05, 3,
  ]);
  const verdicts = judge(results);
  expect(verdicts.map(({ row, value, verdict }) => ({ row, value, verdict }))).toEqual([
    { row: "fan-out-1000", value: 1.05, verdict: "met" },
  ]);
  expect(judge(fanOut([1, 1, 1], [1.2, 1.2, 1])).map(({ verdict }) => verdict)).toEqual(["missed"]);
});

it("says nothing about a gate whose row was not measured, and has one for each promise", () => {
  expect(judge(new Map())).toEqual([]);
  expect(new Set(gates.map(({ row }) => row))).toEqual(
    new Set([
      "fan-out-1000",
      "fan-out-5000",
      "burst",
      "targeted",
      "latency",
      "idle",
      "storm",
      "stalled",
    ]),
  );
});

it("prints median, spread and ratio, and a missed gate as missed", () => {
  const text = report(fanOut([5, 6, 7], [6, 9, 7]), CONTEXT);
  expect(text).toContain("| bare Node socket, ready-made chunk | 6.00 [5.00–7.00] |");
  expect(text).toContain("| **inkwire**, SSE | 7.00 [6.00–9.00] | – | 1.20 [1.00–1.50] | 3 |");
  expect(text).toContain("| **missed** | fan-out-1000 |");
  expect(text).toContain("Nothing was lost");
});

it("names what was not whole", () => {
  const results = fanOut([5], [6]);
  const broken = { cpuMicros: 1, verdict: { ...WHOLE, lost: 3 } };
  results.get("fan-out-1000")?.get("inkwire")?.set(0, broken);
  expect(describeBroken(results).map(({ peer }) => peer)).toEqual(["inkwire"]);
  const text = report(results, CONTEXT);
  expect(text).toContain("3 lost, 0 doubled");
  expect(text).not.toContain("Nothing was lost");
});

it("judges a time by itself only on a quiet machine, and one beside the floor's always", () => {
  const samples = (userMicros: number, foreignShare: number) =>
    new Map([[0, { cpuMicros: userMicros, userMicros, foreignShare, verdict: WHOLE }]]);
  const verdicts = (foreignShare: number) =>
    judge(
      new Map([
        [
          "fan-out-1000",
          new Map([
            ["bare-socket" as const, samples(4, foreignShare)],
            ["inkwire" as const, samples(5, foreignShare)],
          ]),
        ],
      ]),
    ).map(({ key, verdict }) => [key, verdict]);
  expect(verdicts(0.5)).toEqual([
    ["cpuMicros", "missed"],
    ["userMicros", "not judged: busy"],
  ]);
  expect(verdicts(0.01)).toEqual([
    ["cpuMicros", "missed"],
    ["userMicros", "missed"],
  ]);
});

it("names what could not be measured", () => {
  const failures = [{ text: "storm, inkwire, round 1: it hung" }];
  expect(report(new Map(), { ...CONTEXT, failures })).toContain(
    "- storm, inkwire, round 1: it hung",
  );
});

it("says when the machine was busy", () => {
  const results = fanOut([5], [6]);
  const sample = { cpuMicros: 6, foreignShare: 0.4, verdict: WHOLE };
  results.get("fan-out-1000")?.get("inkwire")?.set(0, sample);
  expect(report(results, CONTEXT)).toContain("other work used 40 %");
  expect(report(fanOut([5], [6]), CONTEXT)).not.toContain("busy");
});

it("replaces the old table and leaves the page around it", () => {
  const page = "before\n<!-- t -->\nold\n<!-- /t -->\nafter";
  const once = replaceBetween(page, "t", "new");
  expect(once).toBe("before\n<!-- t -->\n\nnew\n\n<!-- /t -->\nafter");
  expect(replaceBetween(once, "t", "new")).toBe(once);
  expect(() => replaceBetween("no marks", "t", "new")).toThrow("<!-- t -->");
});
