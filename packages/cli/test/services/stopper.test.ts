import { expect, it } from "vitest";
import type { StopSignal } from "../../src/runtime.js";
import { createStopper, type StopReason } from "../../src/services/stopper.js";

function makeStopper(tidy = () => Promise.resolve()) {
  const listeners = new Set<(signal: StopSignal) => void>();
  const time = { now: 1_000 };
  const reasons: StopReason[] = [];
  let ended: (code: number) => void = () => {};
  const exit = new Promise<number>((resolve) => {
    ended = resolve;
  });
  const stopper = createStopper({
    runtime: {
      onSignal(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      exit: ended as (code: number) => never,
    },
    tidy,
    now: () => time.now,
  });
  stopper.onStop((reason) => reasons.push(reason));
  const send = (signal: StopSignal) => {
    for (const listener of listeners) listener(signal);
  };
  return { stopper, send, time, reasons, exit, listeners };
}

it("asks to stop once, with the first signal", () => {
  const { stopper, send, reasons } = makeStopper();
  expect(stopper.reason).toBeUndefined();
  send("SIGTERM");
  expect(reasons).toEqual(["SIGTERM"]);
  expect(stopper.reason).toBe("SIGTERM");
  stopper.onStop((reason) => reasons.push(reason));
  expect(reasons).toEqual(["SIGTERM", "SIGTERM"]);
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("ends at once with the second signal, %s with %i", async (signal, code) => {
  const { send, time, exit } = makeStopper();
  send("SIGINT");
  time.now += 1_000;
  send(signal);
  expect(await exit).toBe(code);
});

it("takes one press of Ctrl-C for one, also where a package manager passes it on", async () => {
  const { send, time, exit } = makeStopper();
  send("SIGINT");
  time.now += 20;
  send("SIGINT");
  const first = await Promise.race([
    exit,
    new Promise((resolve) => setTimeout(resolve, 20, "runs")),
  ]);
  expect(first).toBe("runs");
});

it("does not wait for a screen that can't be tidied", async () => {
  for (const tidy of [() => new Promise<void>(() => {}), () => Promise.reject(new Error("gone"))]) {
    const { send, time, exit } = makeStopper(tidy);
    send("SIGINT");
    time.now += 1_000;
    send("SIGINT");
    expect(await exit).toBe(130);
  }
});

it("never forces an end because a pipe broke", async () => {
  const { stopper, time, exit } = makeStopper();
  stopper.request("SIGINT");
  time.now += 1_000;
  stopper.request("broken_pipe");
  expect(
    await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 20, "runs"))]),
  ).toBe("runs");
});

it("leaves signals to Node when it is disposed", () => {
  const { stopper, listeners } = makeStopper();
  expect(listeners.size).toBe(1);
  stopper[Symbol.dispose]();
  expect(listeners.size).toBe(0);
});
