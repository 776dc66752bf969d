import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeMarker, MARKER_BYTES, MarkerScanner } from "../delivery/marker.js";

function scanAll(parts: readonly Buffer[]): [number, number][] {
  const found: [number, number][] = [];
  const scanner = new MarkerScanner();
  // The swarm reads into one buffer over and over: what is kept of a read must be a copy.
  const shared = Buffer.alloc(4096);
  for (const part of parts) {
    part.copy(shared);
    scanner.scan(shared.subarray(0, part.length), (micros, seq) => found.push([micros, seq]));
    shared.fill("@");
  }
  return found;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

it("writes markers of one length, and reads back what they say", () => {
  const marker = encodeMarker(12_345_678.9, 42);
  expect(marker).toBe("@T00000012345678#0000042@");
  expect(marker).toHaveLength(MARKER_BYTES);
  expect(scanAll([Buffer.from(marker)])).toEqual([[12_345_678, 42]]);
});

it("finds each marker once, wherever the bytes are cut", () => {
  const noise = fc.constantFrom("", "@", "@T", "@T123", "@@T", "data: x\n\n", "@T00000012345678#");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(noise, fc.integer({ min: 1, max: 9_999_999 })), { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (pieces, places) => {
        const text = pieces.map(([between, seq]) => between + encodeMarker(seq, seq)).join("");
        const whole = Buffer.from(`${text}@T0000`);
        const expected = pieces.map(([, seq]) => [seq, seq]);
        expect(scanAll(cut(whole, places))).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

it("finds them in single bytes too", () => {
  const bytes = Buffer.from(`x${encodeMarker(7, 1)}@T${encodeMarker(8, 2)}`);
  expect(scanAll([...bytes].map((byte) => Buffer.from([byte])))).toEqual([
    [7, 1],
    [8, 2],
  ]);
});
