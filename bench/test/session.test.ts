import { randomBytes } from "node:crypto";
import { createTokenIssuer } from "@inkwire/core";
import { beforeAll, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build-if-stale.js";
import { BenchSession, isSound } from "../delivery/bench-session.js";
import { peers, type PeerName } from "../delivery/peers.js";

const secret = randomBytes(32).toString("base64");
const issuer = createTokenIssuer({ secret });
const tokens = await Promise.all(
  Array.from({ length: 20 }, (_, user) => issuer.issue({ userId: `${user}` })),
);

beforeAll(() => {
  process.env["BENCH_SECRET"] = secret;
  // inkwire is measured as it is published.
  buildIfStale();
}, 60_000);

it.each(Object.keys(peers) as PeerName[])(
  "starts %s, delivers to real sockets, and counts each message",
  async (name) => {
    const session = new BenchSession(name);
    try {
      await session.start(tokens);
      await session.connect(20);
      const sample = await session.deliver({ messages: 30, perTurn: 10 });
      expect(sample.verdict).toMatchObject({ delivered: 600, lost: 0, doubled: 0, reordered: 0 });
      expect(isSound(sample)).toBe(true);
      expect(sample.cpuMicros).toBeGreaterThan(0);
    } finally {
      await session.close();
    }
  },
);

it.each<PeerName>(["bare-socket", "inkwire"])(
  "tells %s's messages to one user apart, and sees a storm replayed",
  async (name) => {
    const session = new BenchSession(name);
    try {
      await session.start(tokens);
      await session.connect(10, { ownNumbers: true });
      const targeted = await session.deliver({ messages: 5, users: 10, perTurn: 7 });
      expect(targeted.verdict).toMatchObject({ delivered: 50, lost: 0, foreign: 0 });
    } finally {
      await session.close();
    }
    const storm = new BenchSession(name);
    try {
      await storm.start(tokens);
      await storm.storm(10, 5);
      // The second time with as many clients, and nothing of the first.
      const sample = await storm.storm(10, 20);
      expect(sample.verdict).toMatchObject({ delivered: 200, lost: 0, doubled: 0 });
    } finally {
      await storm.close();
    }
  },
);
