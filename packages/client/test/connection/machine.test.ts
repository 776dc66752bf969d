import { InkwireError } from "@inkwire/core/protocol";
import { describe, expect, it } from "vitest";
import { MAX_ASKED_MS } from "../../src/connection/backoff.js";
import {
  initialState,
  transition,
  type Effect,
  type MachineEvent,
  type MachineState,
  type MachineWorld,
} from "../../src/connection/machine.js";
import type { ConnectionStatus } from "../../src/index.js";

const world: MachineWorld = {
  now: 1000,
  random: 0.5,
  isOnline: true,
  backoff: { baseMs: 100, capMs: 1000 },
};
const error = new InkwireError("server_failed", "broken", { retryable: true });

/** One example of each event: a new one does not compile without a row in each state. */
const events = {
  connect: { type: "connect" },
  close: { type: "close" },
  suspend: { type: "suspend" },
  wake: { type: "wake" },
  due: { type: "due" },
  offline: { type: "offline" },
  renew: { type: "renew" },
  hello: { type: "hello", missed: false },
  hello_missed: { type: "hello", missed: true },
  caught_up: { type: "caught_up" },
  stable: { type: "stable" },
  lost: { type: "lost", error },
  token_refused: { type: "token_refused", error },
  signed_out: { type: "signed_out", error },
  refused: { type: "refused", error },
} as const satisfies Record<MachineEvent["type"] | "hello_missed", MachineEvent>;

type Cell = readonly [ConnectionStatus, Effect] | "-";
const open: Cell = ["connecting", "open"];
const shut: Cell = ["closed", "drop"];
const drop: Cell = ["idle", "drop"];
const wait: Cell = ["waiting", "drop"];
const away: Cell = ["offline", "drop"];
const out: Cell = ["unauthorized", "drop"];
const live: Cell = ["live", undefined];
const late: Cell = ["catching_up", undefined];

/** `-`: nothing changes, and the state is the same object. */
const table: Record<ConnectionStatus, Record<keyof typeof events, Cell>> = {
  idle: {
    connect: open,
    close: shut,
    suspend: "-",
    wake: "-",
    due: "-",
    offline: "-",
    renew: "-",
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: "-",
    lost: "-",
    token_refused: "-",
    signed_out: "-",
    refused: "-",
  },
  connecting: {
    connect: "-",
    close: shut,
    suspend: drop,
    wake: "-",
    due: "-",
    offline: away,
    renew: open,
    hello: live,
    hello_missed: late,
    caught_up: "-",
    stable: "-",
    lost: wait,
    token_refused: open,
    signed_out: out,
    refused: shut,
  },
  catching_up: {
    connect: "-",
    close: shut,
    suspend: drop,
    wake: "-",
    due: "-",
    offline: away,
    renew: open,
    hello: "-",
    hello_missed: "-",
    caught_up: live,
    stable: late,
    lost: wait,
    token_refused: wait,
    signed_out: out,
    refused: shut,
  },
  live: {
    connect: "-",
    close: shut,
    suspend: drop,
    wake: "-",
    due: "-",
    offline: away,
    renew: open,
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: live,
    lost: wait,
    token_refused: wait,
    signed_out: out,
    refused: shut,
  },
  waiting: {
    connect: open,
    close: shut,
    suspend: drop,
    wake: open,
    due: open,
    offline: ["offline", undefined],
    renew: "-",
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: "-",
    lost: "-",
    token_refused: "-",
    signed_out: "-",
    refused: "-",
  },
  offline: {
    connect: open,
    close: shut,
    suspend: drop,
    wake: open,
    due: open,
    offline: "-",
    renew: "-",
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: "-",
    lost: "-",
    token_refused: "-",
    signed_out: "-",
    refused: "-",
  },
  unauthorized: {
    connect: open,
    close: shut,
    suspend: "-",
    wake: "-",
    due: "-",
    offline: "-",
    renew: "-",
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: "-",
    lost: "-",
    token_refused: "-",
    signed_out: "-",
    refused: "-",
  },
  closed: {
    connect: open,
    close: "-",
    suspend: "-",
    wake: "-",
    due: "-",
    offline: "-",
    renew: "-",
    hello: "-",
    hello_missed: "-",
    caught_up: "-",
    stable: "-",
    lost: "-",
    token_refused: "-",
    signed_out: "-",
    refused: "-",
  },
};

const state = (status: ConnectionStatus, rest: Partial<MachineState> = {}): MachineState => ({
  ...initialState(0),
  status,
  failures: 1,
  ...rest,
});

describe.each(Object.entries(table))("in %s", (status, row) => {
  it.each(Object.entries(row))("%s", (name, cell) => {
    const before = state(status as ConnectionStatus);
    const [after, effect] = transition(before, events[name as keyof typeof events], world);
    if (cell === "-") {
      expect(after).toBe(before);
      expect(effect).toBeUndefined();
    } else {
      expect([after.status, effect]).toEqual(cell);
      expect(after.since).toBe(cell[0] === status ? before.since : world.now);
      // A retry is planned exactly where one waits for it.
      if (cell[0] !== "offline" || status !== "waiting") {
        expect(after.retryAt !== undefined).toBe(cell[0] === "waiting" || cell[0] === "offline");
      }
    }
  });
});

it("doubles the bound of the wait with each failure, up to the cap, and draws from all of it", () => {
  const waits = (failures: number, random: number): number => {
    const [next] = transition(state("connecting", { failures }), events.lost, { ...world, random });
    return (next.retryAt ?? Number.NaN) - world.now;
  };
  expect([0, 1, 2, 3, 4, 40].map((failures) => waits(failures, 0.999_999))).toEqual(
    [100, 200, 400, 800, 1000, 1000].map((bound) => expect.closeTo(bound, 1) as number),
  );
  expect(waits(4, 0)).toBe(0);
});

it("waits as long as the server asked, also when somebody looks at the page, unless it is told to connect", () => {
  const asked = new InkwireError("rate_limited", "busy", { retryable: true, retryAfterMs: 5000 });
  const [waiting] = transition(state("connecting"), { type: "lost", error: asked }, world);
  expect(waiting.retryAt).toBe(world.now + 5000 + 50);
  expect(transition(waiting, events.wake, world)[0]).toBe(waiting);
  expect(transition(waiting, events.wake, { ...world, now: 7000 })[1]).toBe("open");
  expect(transition(waiting, events.connect, world)[1]).toBe("open");
});

it("does not believe a server that says to come back in a year", () => {
  const asked = new InkwireError("draining", "later", { retryable: true, retryAfterMs: 3e10 });
  const [waiting] = transition(state("connecting"), { type: "lost", error: asked }, world);
  expect(waiting.retryAt).toBeLessThanOrEqual(world.now + MAX_ASKED_MS + 100);
});

it("forgets failures after the connection has stayed up, not when it opens", () => {
  const [opened] = transition(
    state("connecting", { failures: 5, stale: true }),
    events.hello,
    world,
  );
  expect(opened).toMatchObject({ status: "live", failures: 5, stale: false });
  const [stable] = transition(opened, events.stable, world);
  expect(stable).toMatchObject({ status: "live", failures: 0 });
  expect(transition(stable, events.stable, world)[0]).toBe(stable);
});

it("asks for one fresh token, and gives up when that is refused too", () => {
  const [again, effect] = transition(state("connecting"), events.token_refused, world);
  expect([again.stale, effect]).toEqual([true, "open"]);
  expect(transition(again, events.token_refused, world)[0]).toMatchObject({
    status: "unauthorized",
    error,
  });
  // The token function failed in between: the next attempt still needs a fresh one.
  const [waiting] = transition(again, events.lost, world);
  expect(transition(waiting, events.due, world)[0].stale).toBe(true);
});

it("replaces a token that has ended at once, and calmly where none lasts", () => {
  const [fresh, effect] = transition(state("live", { failures: 0 }), events.token_refused, world);
  expect([fresh.status, fresh.stale, effect]).toEqual(["connecting", true, "open"]);
  const [opened] = transition(fresh, events.hello, world);
  expect(transition(opened, events.token_refused, world)[0]).toMatchObject({
    status: "waiting",
    stale: true,
  });
});

it("is offline, not waiting, where the device says that it has no network", () => {
  const [next] = transition(state("live"), events.lost, { ...world, isOnline: false });
  expect(next).toMatchObject({ status: "offline", failures: 2, error });
});

it("keeps the reason until it is connected again", () => {
  const [waiting] = transition(state("live"), events.lost, world);
  const [connecting] = transition(waiting, events.due, world);
  expect(connecting.error).toBe(error);
  expect(transition(connecting, events.hello, world)[0].error).toBeUndefined();
});
