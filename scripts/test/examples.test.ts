import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

// The examples import the built packages, as their readers would.
it("follows a job that is no book to its end", () => {
  const path = fileURLToPath(new URL("../../examples/follow-a-job/index.js", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toBe("queued 0 %");
  expect(lines.at(-1)).toBe("completed 100 %");
  const progress = lines.map((line) => Number(/ (\d+(?:\.\d+)?) %$/.exec(line)?.[1]));
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
});
