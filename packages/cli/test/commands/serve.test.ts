import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt } from "../support/cli.js";
import { serve, tokenOf } from "../support/served.js";

beforeAll(ensureBuilt, 120_000);

/** Reads a stream until it holds `text`, or has ended. */
async function readUntil(response: Response, text: string): Promise<string> {
  let read = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    read += chunk;
    if (read.includes(text)) break;
  }
  return read;
}

describe("inkwire serve", () => {
  it("serves the user of a token, tells all of a book from queued to completed, and others none of it", async () => {
    using box = createSandbox();
    const { url, child, ended } = await serve(box);
    const [mine, others] = await Promise.all([
      tokenOf(box, "--user", "1"),
      tokenOf(box, "--user", "2"),
    ]);
    const listen = (token: string) =>
      fetch(`${url}/events`, { headers: { authorization: `Bearer ${token}` } });
    const [own, foreign] = await Promise.all([listen(mine), listen(others)]);
    const created = await fetch(`${url}/api/books`, {
      method: "POST",
      headers: { authorization: `Bearer ${mine}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Ports", chapters: 2, author: "offline" }),
    });
    expect(created.status).toBe(202);
    const told = await readUntil(own, '"status":"completed"');
    for (const status of ["queued", "processing", "completed"]) {
      expect(told).toContain(`"status":"${status}"`);
    }
    child.kill("SIGTERM");
    const heard = await readUntil(foreign, "\n\nnever");
    expect(heard).toContain("wire.goodbye");
    expect(heard).not.toContain("book_generation_update");
    expect(await ended).toMatchObject({ code: 0 });
  });

  it("drains at the first signal", async () => {
    using box = createSandbox();
    const { url, child, ended } = await serve(box, ["--drain", "60s"]);
    const token = await tokenOf(box, "--user", "1");
    const stream = await fetch(`${url}/events`, { headers: { authorization: `Bearer ${token}` } });
    const response = readUntil(stream, "wire.goodbye");
    child.kill("SIGTERM");
    expect(await response).toContain('"reason":"drain","reconnect":true');
    const { code, stdout } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url}\n` });
  });

  it("ends at once at a second signal, and the next one goes on with the book", async () => {
    using box = createSandbox();
    // So slow that a chapter outlasts the grace.
    const slow = await serve(box, [], { INKWIRE_PACE: "5" });
    const token = await tokenOf(box, "--user", "1");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const stream = await fetch(`${slow.url}/events`, { headers });
    const begun = readUntil(stream, '"status":"processing"');
    const body = JSON.stringify({ title: "Ports", chapters: 2, author: "offline" });
    await fetch(`${slow.url}/api/books`, { method: "POST", headers, body });
    await begun;
    slow.child.kill("SIGTERM");
    await slow.said("draining");
    await sleep(300);
    slow.child.kill("SIGTERM");
    expect((await slow.ended).code).toBe(143);

    const next = await serve(box);
    const state = async () =>
      (await (await fetch(`${next.url}/api/books/1`, { headers })).json()) as { status: string };
    while ((await state()).status !== "completed") await sleep(50);
    next.child.kill("SIGTERM");
    expect((await next.ended).code).toBe(0);
  });

  it("logs JSON lines with a request id, and never a token", async () => {
    using box = createSandbox();
    const { url, child, ended } = await serve(box, ["--log-level", "debug"]);
    const token = await tokenOf(box, "--user", "1");
    const answers = [
      await fetch(`${url}/api/books?token=${token}`),
      await fetch(`${url}/api/books`, { headers: { authorization: `Bearer ${token}` } }),
      await fetch(`${url}/events?token=${token}`),
      await fetch(`${url}/${token}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 200, 404]);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ level: "info", msg: "listening", url });
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    const logged = new Set(lines.map((line) => line["request_id"]));
    expect(ids.filter((id) => id === null || !logged.has(id))).toEqual([]);
    expect(stderr).not.toContain(token);
    expect(stderr).not.toContain(token.split(".")[2]);
  });

  it("lets no user choose a file of its machine as an author, and with a list nobody who is not on it", async () => {
    using box = createSandbox();
    const token = await tokenOf(box, "--user", "1");
    const choose = async (url: string, author: string) => {
      const response = await fetch(`${url}/api/books`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ title: "Ports", chapters: 1, words: 300, author }),
      });
      return response.status;
    };
    const open = await serve(box);
    expect(await choose(open.url, "gguf:/etc/passwd")).toBe(400);
    expect(await choose(open.url, "offline")).toBe(202);
    const narrow = await serve(box, ["--authors", "openai:gpt-5-mini,local:*"]);
    expect(await choose(narrow.url, "offline")).toBe(400);
    for (const { child, ended } of [open, narrow]) {
      child.kill("SIGTERM");
      expect((await ended).code).toBe(0);
    }
  });

  // Seven commands one after the other, which takes its time on a busy machine.
  it("says what is wrong with a port, a level or an origin", { timeout: 60_000 }, async () => {
    using box = createSandbox();
    const { url, child, ended } = await serve(box);
    const taken = await box.run(["serve", "--port", new URL(url).port]);
    expect(taken).toMatchObject({ code: 2, stdout: "" });
    expect(taken.stderr).toContain("EADDRINUSE");
    for (const args of [
      ["--port", "70000"],
      ["--log-level", "loud"],
      ["--cors", "app.example"],
      ["--jwks", "http://example.com/keys"],
      ["--drain", "10"],
      ["--authors", "offline,"],
      ["--authors", "gguf:*"],
    ]) {
      const { code, stdout, stderr } = await box.run(["serve", ...args]);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
      expect(stderr).toContain("xpected");
    }
    child.kill("SIGTERM");
    await ended;
  });
});
