import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { createVirtualClock } from "../../src/testing/virtual-clock.js";
import { createHub } from "../support/hub.js";
import { openTab, type Tab, type TabOptions } from "../support/tab.js";

const clock = createVirtualClock();
const open: Tab[] = [];
const settle = async () => {
  for (let i = 0; i < 4; i += 1) await clock.advance(20);
};

function setUp() {
  const hub = createHub();
  const tab = (options: Partial<TabOptions> = {}) => {
    const one = openTab({ hub, clock, ...options });
    open.push(one);
    return one;
  };
  return { hub, tab };
}

async function closeAll() {
  const tabs = open.splice(0);
  for (const tab of tabs) {
    tab.thaw();
    tab.client.close();
  }
  await settle();
  expect(tabs.flatMap(({ problems }) => problems)).toEqual([]);
}

afterEach(closeAll);

const status = ({ client }: Tab) => client.state.get().status;

it("has one connection for eight tabs, and each hears everything once and in order", async () => {
  const { hub, tab } = setUp();
  const tabs = Array.from({ length: 8 }, () => tab());
  await settle();
  expect(hub.connections).toHaveLength(1);
  expect(tabs.map(status)).toEqual(tabs.map(() => "live"));
  for (let i = 0; i < 50; i += 1) hub.publish(i % 2 === 0 ? "user/1" : "all", `${i}`);
  await settle();
  const all = Array.from({ length: 50 }, (_, i) => `${i}`);
  for (const { heard } of tabs) expect(heard).toEqual(all);
  expect(hub.opened()).toBe(1);
});

it("serves a tab that comes later without a new connection, from then on", async () => {
  const { hub, tab } = setUp();
  tab();
  await settle();
  hub.publish("user/1", "before");
  await settle();
  const late = tab();
  await settle();
  hub.publish("user/1", "after");
  await settle();
  expect(status(late)).toBe("live");
  expect(late.heard).toEqual(["after"]);
  expect(hub.opened()).toBe(1);
});

it("hands over when the leader's tab closes, and what is published meanwhile is lost for nobody", async () => {
  const { hub, tab } = setUp();
  const [leader, ...others] = [tab(), tab(), tab()];
  await settle();
  hub.publish("user/1", "1");
  await settle();
  leader?.client.close();
  hub.publish("user/1", "2");
  await settle();
  hub.publish("user/1", "3");
  await settle();
  for (const { heard } of others) expect(heard).toEqual(["1", "2", "3"]);
  expect(hub.connections).toHaveLength(1);
  expect(leader?.heard).toEqual(["1"]);
  leader?.client.connect();
  await settle();
  expect(leader?.heard).toEqual(["1", "2", "3"]);
  expect(hub.connections).toHaveLength(1);
});

it("takes the lead from a tab that is frozen, which is told what it missed when it thaws", async () => {
  const { hub, tab } = setUp();
  const [leader, follower, another] = [tab(), tab(), tab()];
  await settle();
  leader.freeze();
  hub.publish("user/1", "1");
  await clock.advance(8_000);
  await settle();
  hub.publish("user/1", "2");
  await settle();
  expect(follower.heard).toEqual(["1", "2"]);
  expect(another.heard).toEqual(["1", "2"]);
  leader.thaw();
  await settle();
  expect(hub.connections).toHaveLength(1);
  hub.publish("user/1", "3");
  await clock.advance(6_000);
  for (const { heard } of [leader, follower, another]) expect(heard).toEqual(["1", "2", "3"]);
});

it("does not take the lead from one that answers", async () => {
  const { hub, tab } = setUp();
  tab();
  tab();
  await clock.advance(120_000);
  expect(hub.opened()).toBe(1);
}, 60_000);

it("keeps users apart", async () => {
  const { hub, tab } = setUp();
  const [one, two] = [tab({ userId: "1" }), tab({ userId: "2" })];
  await settle();
  expect(hub.connections.map(({ userId }) => userId).sort()).toEqual(["1", "2"]);
  hub.publish("user/1", "one's");
  hub.publish("user/2", "two's");
  await settle();
  expect(one.heard).toEqual(["one's"]);
  expect(two.heard).toEqual(["two's"]);
});

it("subscribes to what any tab wants, and lets go of what none wants", async () => {
  const { hub, tab } = setUp();
  const [one, two] = [tab(), tab({ topics: ["book/7"] })];
  await settle();
  expect(hub.connections.map(({ topics }) => topics)).toEqual([["book/7"]]);
  const stop = two.client.subscribe(["book/8"]);
  await settle();
  expect(hub.connections.map(({ topics }) => topics)).toEqual([["book/7", "book/8"]]);
  hub.publish("book/8", "8");
  await settle();
  expect(two.heard).toEqual(["8"]);
  expect(one.heard).toEqual([]);
  stop();
  two.client.close();
  await settle();
  expect(hub.connections.map(({ topics }) => topics)).toEqual([[]]);
});

it("lets a tab whose topic is forbidden be refused alone", async () => {
  const { hub, tab } = setUp();
  const [one, two] = [tab(), tab({ topics: ["book/7"] })];
  await settle();
  hub.forbidden.add("book/9");
  const bad = tab({ topics: ["book/9"] });
  await settle();
  await settle();
  expect(bad.client.state.get()).toMatchObject({
    status: "closed",
    error: { code: "topic_forbidden" },
  });
  expect([one, two].map(status)).toEqual(["live", "live"]);
  hub.publish("book/7", "7");
  hub.publish("user/1", "mine");
  await settle();
  expect(two.heard).toEqual(["7", "mine"]);
  expect(one.heard).toEqual(["mine"]);
});

it("gives the lead to a tab with a better token, and says so when there is none", async () => {
  const { hub, tab } = setUp();
  const old = "e30.eyJzdWIiOiIxIn0.old";
  const bad = tab({ token: old });
  await settle();
  hub.refused.add(old);
  hub.cut();
  await settle();
  expect(status(bad)).toBe("unauthorized");
  const worse = tab({ token: old });
  await settle();
  expect([bad, worse].map(status)).toEqual(["unauthorized", "unauthorized"]);
  const good = tab();
  await settle();
  expect([bad, worse, good].map(status)).toEqual(["live", "live", "live"]);
  hub.publish("user/1", "1");
  await settle();
  expect(bad.heard).toEqual(["1"]);
});

it("lets go when the page goes away, and is back when it is restored", async () => {
  const { hub, tab } = setUp();
  const [leader, other] = [tab(), tab()];
  await settle();
  leader.send("suspend");
  expect(status(leader)).toBe("idle");
  hub.publish("user/1", "1");
  await settle();
  expect(other.heard).toEqual(["1"]);
  leader.send("restore");
  await settle();
  expect(status(leader)).toBe("live");
  expect(leader.heard).toEqual(["1"]);
  expect(hub.connections).toHaveLength(1);
});

it("connects alone where a token does not say whose it is", async () => {
  const { hub, tab } = setUp();
  const tabs = [tab({ token: "opaque" }), tab({ token: "opaque" })];
  await settle();
  expect(hub.connections).toHaveLength(2);
  expect(tabs.map(status)).toEqual(["live", "live"]);
});

it("is not upset by what other scripts say on its channel", async () => {
  const { hub, tab } = setUp();
  const noise = new BroadcastChannel("inkwire/1 http://tabs.invalid/ 1");
  const tabs = [tab(), tab()];
  await settle();
  for (const message of [
    null,
    7,
    "x",
    {},
    { kind: "frame" },
    { kind: "here" },
    { from: "x" },
    { from: "x", kind: "here" },
  ]) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's has none
    noise.postMessage(message);
  }
  await settle();
  noise.close();
  hub.publish("user/1", "1");
  await settle();
  for (const { heard } of tabs) expect(heard).toEqual(["1"]);
});

const number = fc.nat(3);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: "publish" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "open" } as const) },
  { weight: 2, arbitrary: number.map((tab) => ({ kind: "close", tab }) as const) },
  { weight: 2, arbitrary: number.map((tab) => ({ kind: "freeze", tab }) as const) },
  { weight: 2, arbitrary: number.map((tab) => ({ kind: "thaw", tab }) as const) },
  { weight: 1, arbitrary: number.map((tab) => ({ kind: "subscribe", tab }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "cut" } as const) },
  { weight: 3, arbitrary: fc.nat(60).map((ms) => ({ kind: "wait", ms }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "wait", ms: 7_000 } as const) },
);

it("hands out each message once and in order, however tabs open, close, freeze and thaw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const { hub, tab } = setUp();
      try {
        const tabs: Tab[] = [tab(), tab()];
        const first = new Set(tabs);
        await settle();
        let published = 0;
        for (const one of steps) {
          const chosen = "tab" in one ? tabs[one.tab % tabs.length] : undefined;
          if (one.kind === "publish") hub.publish("user/1", `${(published += 1)}`);
          else if (one.kind === "open") tabs.push(tab());
          else if (one.kind === "wait") await clock.advance(one.ms);
          else if (one.kind === "cut") hub.cut();
          else if (one.kind === "subscribe") chosen?.client.subscribe([`book/${published}`]);
          else if (one.kind === "freeze") chosen?.freeze();
          else if (one.kind === "thaw") chosen?.thaw();
          else if (tabs.length > 1) {
            tabs.splice(tabs.indexOf(chosen as Tab), 1);
            chosen?.client.close();
          }
        }
        for (const one of tabs) one.thaw();
        await settle();
        await clock.advance(12_000);
        hub.publish("user/1", `${(published += 1)}`);
        await settle();
        expect(hub.connections).toHaveLength(1);
        for (const one of tabs) {
          expect(status(one)).toBe("live");
          // From where it began to the end, each once.
          const start = first.has(one) ? 1 : Number(one.heard[0]);
          const wanted = Array.from({ length: published - start + 1 }, (_, i) => start + i);
          expect(one.heard.map(Number)).toEqual(wanted);
        }
      } finally {
        await closeAll();
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
