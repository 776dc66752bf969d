import { describe, expect, it } from "vitest";
import { createMemoryHistory } from "../../src/bus/memory-history.js";
import { describeHistory } from "../suites/history.js";

describe("memory history", () => {
  describeHistory({ open: async (bounds) => createMemoryHistory(bounds) });

  it.each([
    { maxMessages: 0 },
    { maxMessages: 1.5 },
    { maxMessages: Number.NaN },
    { maxBytes: -1 },
    { epoch: "" },
    { epoch: "a.b" },
    { epoch: "a\n" },
    { epoch: "x".repeat(41) },
  ])("refuses the options %j", (options) => {
    expect(() => createMemoryHistory(options)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });

  it("never has the epoch of another", () => {
    const epochs = new Set(Array.from({ length: 100 }, () => createMemoryHistory().epoch));
    expect(epochs.size).toBe(100);
  });
});
