import { describe, expect, it } from "vitest";
import { createPaint, wantsColor } from "../../src/output/color.js";

describe("wantsColor", () => {
  it.each([
    ["a terminal", {}, true, true],
    ["a pipe", {}, false, false],
    ["NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, true, true],
    ["INKWIRE_NO_COLOR", { INKWIRE_NO_COLOR: "1" }, true, false],
    ["a dumb terminal", { TERM: "dumb" }, true, false],
    ["FORCE_COLOR in a pipe", { FORCE_COLOR: "1" }, false, true],
    ["FORCE_COLOR over NO_COLOR", { FORCE_COLOR: "1", NO_COLOR: "1" }, true, true],
    ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
  ])("%s", (_name, env, isTty, expected) => {
    expect(wantsColor({ noColor: false, env, isTty })).toBe(expected);
    expect(wantsColor({ noColor: true, env, isTty })).toBe(false);
  });
});

describe("createPaint", () => {
  it("wraps text in codes, or leaves it alone", () => {
    expect(createPaint(true)("red", "a")).toBe("\u001B[31ma\u001B[39m");
    expect(createPaint(false)("red", "a")).toBe("a");
  });
});
