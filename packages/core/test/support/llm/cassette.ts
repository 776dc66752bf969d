import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { startRawServer, type RawServer } from "./raw-server.js";

/** One answer of a real model server: its bytes as they came, each with the milliseconds since the one before. */
export interface CassetteAnswer {
  /** The first line of the request's last message, such as `[inkwire chapter 1 of 3]`. */
  readonly marker: string;
  readonly status: number;
  readonly contentType: string;
  /** What stands around the text in nearly every event, written as `⟦` and `⟧` in `chunks`, to keep the file small. */
  readonly around: readonly [before: string, after: string];
  readonly chunks: ReadonlyArray<readonly [afterMs: number, text: string]>;
}

export interface Cassette {
  /** What answered, and when. */
  readonly recordedFrom: string;
  readonly answers: readonly CassetteAnswer[];
}

export async function readCassette(name: string): Promise<Cassette> {
  const url = new URL(`../../fixtures/cassettes/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(url, "utf8")) as Cassette;
}

/** Plays answers back in the pace in which they came: those of one marker in their order, the last one again and again. */
export async function startCassettePlayer(
  { answers }: Cassette,
  speed = 1,
): Promise<RawServer & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = await startRawServer(async (response, body) => {
    const marker = markerOf(body);
    const same = answers.filter((answer) => answer.marker === marker);
    const answer = same[asked.filter((one) => one === marker).length] ?? same.at(-1);
    asked.push(marker);
    if (answer === undefined) response.writeHead(503).end(`nothing recorded for ${marker}`);
    else await play(response, answer, speed);
  });
  return Object.assign(server, { asked });
}

async function play(response: ServerResponse, answer: CassetteAnswer, speed: number) {
  response.writeHead(answer.status, { "content-type": answer.contentType });
  response.flushHeaders();
  for (const [afterMs, text] of answer.chunks) {
    if (afterMs > 0) await delay(afterMs / speed);
    if (response.destroyed) return;
    response.write(unfold(text, answer.around));
  }
  response.end();
}

/** The bytes of a chunk as they came. */
export function unfold(text: string, [before, after]: CassetteAnswer["around"]): string {
  return text.replaceAll("⟦", before).replaceAll("⟧", after);
}

/** Passes requests on to a real server, and keeps what it answers. Only the body and its type: no header, no key. */
export async function startCassetteRecorder(
  baseUrl: string,
): Promise<RawServer & { readonly answers: readonly CassetteAnswer[] }> {
  const answers: CassetteAnswer[] = [];
  const server = await startRawServer(async (response, body) => {
    const real = await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const contentType = real.headers.get("content-type") ?? "";
    response.writeHead(real.status, { "content-type": contentType });
    const chunks: Array<readonly [number, string]> = [];
    let last = performance.now();
    const decoder = new TextDecoder();
    for await (const bytes of real.body ?? []) {
      const now = performance.now();
      const text = decoder.decode(bytes, { stream: true });
      chunks.push([Math.round(now - last), text]);
      last = now;
      response.write(text);
    }
    response.end();
    const around = aroundOf(chunks.map(([, text]) => text));
    const folded = chunks.map(
      ([ms, text]) => [ms, text.replaceAll(around[0], "⟦").replaceAll(around[1], "⟧")] as const,
    );
    const { status } = real;
    answers.push({ marker: markerOf(body), status, contentType, around, chunks: folded });
  });
  return Object.assign(server, { answers });
}

function aroundOf(chunks: readonly string[]): CassetteAnswer["around"] {
  const [, before = "⟦", after = "⟧"] =
    chunks
      .map((text) => /^(data: .*?"content":")(?:[^"\\]|\\.)*(".*\n\n)$/.exec(text))
      .find(Boolean) ?? [];
  return [before, after];
}

function markerOf(body: string): string {
  const { messages } = JSON.parse(body) as {
    readonly messages: ReadonlyArray<{ readonly content: string }>;
  };
  return messages.at(-1)?.content.split("\n", 1)[0] ?? "";
}
