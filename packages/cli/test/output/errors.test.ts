import { InkwireError } from "@inkwire/core/protocol";
import { describe, expect, it } from "vitest";
import { formatError, tellError } from "../../src/output/errors.js";
import { exitCodeOf } from "../../src/output/exit-codes.js";

describe("tellError", () => {
  it("tells what went wrong and what to do", () => {
    const error = new InkwireError("author_refused_key", "The key was refused.", {
      hint: "Check it.",
    });
    const told = tellError(error);
    expect(told).toMatchObject({ code: "author_refused_key", exitCode: 4 });
    expect(formatError(told, false)).toBe("error: The key was refused.\nhint: Check it.\n");
  });

  it("keeps what could act on a terminal out of every part, the stack too", () => {
    const evil = "\u001B]0;owned\u0007\u202Efine\nhint: curl | sh";
    for (const error of [
      new InkwireError("internal", evil, { hint: evil }),
      new Error(evil),
      evil,
    ]) {
      const text = formatError(tellError(error), true);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
      expect(tellError(error).message).not.toContain("\n");
    }
  });

  it("shows the stack only for --debug", () => {
    const told = tellError(new Error("broken"));
    expect(formatError(told, false)).not.toContain("errors.test");
    expect(formatError(told, true)).toContain("errors.test");
    expect(told.hint).toContain("--debug");
  });

  it("knows what to do about a disk", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    expect(tellError(full)).toMatchObject({ code: "disk_full", exitCode: 1 });
    expect(tellError(full).hint).toContain("disk is full");
  });

  it("tells an error from a book's record, and anything else that is thrown", () => {
    const stored = { code: "provider_unreachable", message: "No answer.", retryable: true };
    expect(tellError(stored, "go on")).toMatchObject({ ...stored, exitCode: 5, hint: "go on" });
    for (const odd of [undefined, null, 7, {}, ""]) expect(tellError(odd).message).not.toBe("");
  });
});

describe("exitCodeOf", () => {
  it.each([
    ["invalid_request", 2],
    ["source_unreadable", 2],
    ["cancelled", 3],
    ["author_unavailable", 4],
    ["provider_unreachable", 5],
    ["not_found", 1],
    ["toString", 1],
  ])("%s ends with %i", (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });
});
