import { encodeSse, encodeSseComment } from "@inkwire/core/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sse } from "../../src/transports/sse.js";

/** What the transport makes of a body that comes in these pieces. */
async function texts(
  pieces: readonly Uint8Array[],
  maxMessageLength = 1_000_000,
): Promise<{ texts: string[]; end: string }> {
  const found: string[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const end = await new Promise<string>((resolve) => {
    sse.open(
      {
        base: new URL("http://server.invalid/"),
        token: "t",
        topics: [],
        cursor: undefined,
        maxMessageLength,
        fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
        WebSocket: undefined,
        now: Date.now,
      },
      {
        alive: () => undefined,
        text: (json) => found.push(json),
        end: (error) => resolve(error.code),
      },
    );
  });
  return { texts: found, end };
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [
    ...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length]),
  ].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.slice(at[index], end));
}

const json = fc
  .record({
    id: fc.integer({ min: 1, max: 1e9 }),
    text: fc.string({ unit: "binary", maxLength: 60 }),
  })
  .map((value) => JSON.stringify(value));

it("reads the same messages wherever the bytes are cut, in the middle of a character too", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(json, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      async (messages, places, lineEnd, hasBom) => {
        const stream = `${encodeSseComment("hello")}${messages.map((data, id) => encodeSse({ id: `e.${id}`, event: "m", data, retry: 5 })).join("")}`;
        const bytes = new TextEncoder().encode(
          (hasBom ? "\uFEFF" : "") + stream.replaceAll("\n", lineEnd),
        );
        expect(await texts(cut(bytes, places))).toEqual({
          texts: messages,
          end: "connection_lost",
        });
      },
    ),
    { numRuns: 150 },
  );
});

it("hands out whole messages alone when the stream ends at any byte", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(json, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      async (messages, place) => {
        const bytes = new TextEncoder().encode(
          messages.map((data) => encodeSse({ data })).join(""),
        );
        const got = await texts([bytes.slice(0, place % bytes.length)]);
        expect(messages.slice(0, got.texts.length)).toEqual(got.texts);
        expect(got.texts.length).toBeLessThan(messages.length);
      },
    ),
    { numRuns: 150 },
  );
});

it("ends a line that does not end, and keeps none of it", async () => {
  const piece = new TextEncoder().encode("x".repeat(99));
  const head = new TextEncoder().encode(`${encodeSse({ data: '{"n":1}' })}data: `);
  const got = await texts([head, ...Array.from({ length: 20 }, () => piece)], 1000);
  expect(got).toEqual({ texts: ['{"n":1}'], end: "too_large" });
});
