import type { Client } from "@inkwire/client";
import { describe, expect, it } from "vitest";
import type { Api } from "../../src/services/remote/api.js";
import { createRemoteVersions } from "../../src/services/remote/remote-versions.js";

type Told = (message: { data: Record<string, unknown> }) => void;

/** A server whose task stands as `answers` say, one after the other, and who says what the test has it say. */
function open(answers: ReadonlyArray<Record<string, unknown>>) {
  const asked: string[] = [];
  let told: Told = () => {};
  const client = { on: (_: string, handler: Told) => (told = handler) } as unknown as Client;
  const api = {
    json: async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      return { chapter: 3, ...answers[Math.min(asked.length, answers.length) - 1] };
    },
  } as unknown as Api;
  const leaving = new AbortController();
  const versions = createRemoteVersions(client, api, leaving.signal);
  return { versions, asked, leaving, tell: (data: Record<string, unknown>) => told({ data }) };
}

const running = { status: "processing", running: true };
const error = { code: "step_failed", message: "The provider is gone", retryable: false };

describe("waiting for a chapter that a server writes again", () => {
  it("hears that it failed before anybody waited, though nobody told", async () => {
    const { versions, asked } = open([{ status: "failed", running: false, error }]);
    expect(await versions.wait("", 7, "task")).toEqual({
      status: "failed",
      error,
      change: undefined,
    });
    expect(asked).toEqual(["GET api/books/7/tasks/task"]);
  });

  it("looks again when it is told of its end, and of a limit that was reached", async () => {
    for (const end of [{ status: "completed" }, { status: "processing", paused: error }]) {
      const change = { version: 2, stale: [4] };
      const { versions, tell, asked } = open([
        running,
        { status: end.status, running: false, change },
      ]);
      const waiting = versions.wait("", 7, "task");
      await expect.poll(() => asked).toHaveLength(1);
      tell({ task_id: "other", status: "completed" });
      tell({ task_id: "task", status: "processing" });
      expect(asked).toHaveLength(1);
      tell({ task_id: "task", ...end });
      expect(await waiting).toEqual({ status: end.status, error: undefined, change });
    }
  });

  it("leaves it to the server when the command is left", async () => {
    const { versions, asked, leaving } = open([running]);
    const waiting = versions.wait("", 7, "task");
    await expect.poll(() => asked).toHaveLength(1);
    leaving.abort();
    expect(await waiting).toMatchObject({ status: "processing" });
    expect(asked).toHaveLength(1);
  });
});
