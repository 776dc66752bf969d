import { describe, expect, it } from "vitest";
import { chooseMode, type ModeInput, type ProgressChoice } from "../../src/output/mode.js";
import type { ProgressMode } from "../../src/output/renderer.js";

const terminal: ModeInput = { env: {}, stdinIsTty: true, stdoutIsTty: true, stderrIsTty: true };

function modeOf(input: Partial<ModeInput>): string {
  const choice = chooseMode({ ...terminal, ...input });
  return choice.problem ?? choice.mode;
}

// what is asked for × where stderr goes × TERM=dumb × CI
type Row = readonly [
  asked: ProgressChoice,
  terminal: ProgressMode,
  dumb: ProgressMode,
  ci: ProgressMode,
  piped: ProgressMode,
];
const table: readonly Row[] = [
  ["auto", "tty", "plain", "plain", "plain"],
  ["tty", "tty", "plain", "tty", "plain"],
  ["plain", "plain", "plain", "plain", "plain"],
  ["json", "json", "json", "json", "json"],
  ["none", "none", "none", "none", "none"],
];

describe("chooseMode", () => {
  it.each(table)("shows --progress=%s as %s, dumb %s, CI %s, piped %s", (asked, ...expected) => {
    for (const way of [{ progress: asked }, { env: { INKWIRE_PROGRESS: asked } }]) {
      const env = "env" in way ? way.env : {};
      expect([
        modeOf(way),
        modeOf({ ...way, env: { ...env, TERM: "dumb" } }),
        modeOf({ ...way, env: { ...env, CI: "true" } }),
        modeOf({ ...way, stderrIsTty: false }),
      ]).toEqual(expected);
    }
  });

  it("draws on stderr, so where stdin and stdout go does not matter", () => {
    for (const stdinIsTty of [true, false]) {
      for (const stdoutIsTty of [true, false]) {
        expect(modeOf({ stdinIsTty, stdoutIsTty })).toBe("tty");
        expect(modeOf({ stdinIsTty, stdoutIsTty, stderrIsTty: false })).toBe("plain");
      }
    }
  });

  it("takes --json and --quiet as short forms, before the environment", () => {
    expect(modeOf({ json: true, env: { INKWIRE_PROGRESS: "plain" } })).toBe("json");
    expect(modeOf({ quiet: true, env: { INKWIRE_PROGRESS: "json" } })).toBe("none");
    expect(modeOf({ json: true, progress: "json" })).toBe("json");
    expect(modeOf({ progress: "plain", env: { INKWIRE_PROGRESS: "json" } })).toBe("plain");
  });

  it("names flags that contradict each other", () => {
    expect(modeOf({ json: true, quiet: true })).toContain("--json and --quiet");
    expect(modeOf({ json: true, progress: "tty" })).toContain("--json and --progress=tty");
    expect(modeOf({ quiet: true, progress: "auto" })).toContain("--quiet and --progress=auto");
  });

  it("refuses an unknown INKWIRE_PROGRESS without repeating it", () => {
    const problem = modeOf({ env: { INKWIRE_PROGRESS: "\u001B[31mfancy" } });
    expect(problem).toContain("INKWIRE_PROGRESS");
    expect(problem).not.toContain("fancy");
    expect(modeOf({ env: { INKWIRE_PROGRESS: "" } })).toBe("tty");
  });

  it.each(["", "0", "false"])("does not take CI=%j for a CI", (CI) => {
    expect(modeOf({ env: { CI } })).toBe("tty");
  });

  it("may ask only where a person can see the question and answer it", () => {
    const mayAsk = (input: Partial<ModeInput>) => {
      const choice = chooseMode({ ...terminal, ...input });
      return choice.problem === undefined && choice.mayAsk;
    };
    expect(mayAsk({})).toBe(true);
    expect(mayAsk({ stdoutIsTty: false })).toBe(true);
    expect(mayAsk({ stdinIsTty: false })).toBe(false);
    expect(mayAsk({ stderrIsTty: false })).toBe(false);
    expect(mayAsk({ json: true })).toBe(false);
    expect(mayAsk({ env: { CI: "1" } })).toBe(false);
  });
});
