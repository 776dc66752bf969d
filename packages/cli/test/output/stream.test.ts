import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createOutput } from "../../src/output/stream.js";

/** A stream whose reader takes one piece for each call of `read`. */
function makeStream() {
  const taken: string[] = [];
  const pending: Array<() => void> = [];
  const stream = new Writable({
    highWaterMark: 10,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      pending.push(() => {
        taken.push(chunk);
        done();
      });
    },
  });
  // Only what the wrapper uses of a WriteStream is there.
  const output = createOutput(stream as unknown as NodeJS.WriteStream);
  return { stream, output, taken, read: () => pending.shift()?.() };
}

describe("an output", () => {
  it("tells when a slow reader has caught up", async () => {
    const { output, read, taken } = makeStream();
    await output.drained();
    output.write("more than ten characters");
    let caughtUp = false;
    const waiting = (async () => {
      await output.drained();
      caughtUp = true;
    })();
    await Promise.resolve();
    expect(caughtUp).toBe(false);
    read();
    await waiting;
    expect(taken).toEqual(["more than ten characters"]);
  });

  it("lets nobody wait for a reader that went away", async () => {
    const { output, stream } = makeStream();
    output.write("more than ten characters");
    const waiting = Promise.all([output.drained(), output.flush()]);
    const broken: unknown[] = [];
    output.onBroken((error) => broken.push(error.code));
    stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await waiting;
    output.write("nobody hears it");
    output.onBroken((error) => broken.push(error.code));
    expect(broken).toEqual(["EPIPE", "EPIPE"]);
    expect(output.broken?.code).toBe("EPIPE");
    await output.flush();
  });

  it("is flushed when everything has been taken", async () => {
    const { output, read, taken } = makeStream();
    output.write("a");
    output.write("b");
    const flushed = output.flush();
    for (let piece = 0; piece < 3; piece += 1) {
      read();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flushed;
    expect(taken.join("")).toBe("ab");
  });
});
