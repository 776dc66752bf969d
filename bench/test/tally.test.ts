import { expect, it } from "vitest";
import { isWhole, sumVerdicts, Tally } from "../delivery/tally.js";

function verdictOf(numbers: readonly number[], count: number, tally = new Tally()) {
  for (const seq of numbers) tally.receive(seq);
  return tally.verdict(count);
}

const WHOLE = { lost: 0, doubled: 0, reordered: 0, foreign: 0 };

it.each([
  { came: [1, 2, 3, 4], is: "everything once, in order", verdict: WHOLE },
  { came: [1, 2, 4], is: "a hole", verdict: { ...WHOLE, lost: 1 } },
  { came: [1, 2], is: "an end too early", verdict: { ...WHOLE, lost: 2 } },
  { came: [], is: "nothing at all", verdict: { ...WHOLE, lost: 4 } },
  { came: [1, 2, 2, 3, 4], is: "one twice", verdict: { ...WHOLE, doubled: 1 } },
  { came: [1, 2, 3, 4, 1], is: "an old one again", verdict: { ...WHOLE, doubled: 1 } },
  { came: [1, 3, 2, 4], is: "two in the wrong order", verdict: { ...WHOLE, reordered: 1 } },
  { came: [4, 1, 2, 3], is: "the last one first", verdict: { ...WHOLE, reordered: 3 } },
  { came: [1, 3, 2, 2, 4], is: "late and twice", verdict: { ...WHOLE, reordered: 1, doubled: 1 } },
])("tells $is: $came of 4", ({ came, verdict }) => {
  expect(verdictOf(came, 4)).toEqual(verdict);
});

it("tells a message of another user from one of its own", () => {
  const mine = () => new Tally(3000, 1000);
  expect(verdictOf([3001, 3002], 2, mine())).toEqual(WHOLE);
  expect(verdictOf([3001, 4001, 3002], 2, mine())).toEqual({ ...WHOLE, foreign: 1 });
  expect(verdictOf([2001, 3001, 3002], 2, mine())).toEqual({ ...WHOLE, foreign: 1 });
});

it("counts a delivery only if it is one", () => {
  const tally = new Tally(0, 10);
  expect([1, 1, 3, 2, 11].map((seq) => tally.receive(seq))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});

it("counts on from where one who comes back left, and no further back", () => {
  const tally = new Tally();
  tally.skipTo(101);
  expect(verdictOf([101, 102], 102, tally)).toEqual(WHOLE);
  const tooEarly = new Tally();
  tooEarly.skipTo(101);
  expect(verdictOf([100, 101, 102], 102, tooEarly)).toEqual({ ...WHOLE, doubled: 1 });
});

it("finds what one of many connections missed", () => {
  const sum = sumVerdicts([verdictOf([1, 2], 2), verdictOf([2, 1], 2), verdictOf([1], 2)]);
  expect(sum).toEqual({ ...WHOLE, lost: 1, reordered: 1 });
  expect(isWhole(sum)).toBe(false);
  expect(isWhole(sumVerdicts([verdictOf([1, 2], 2)]))).toBe(true);
});
