// `pnpm bench delivery`: the scenarios round by round, all peers of a scenario close together in time.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../../scripts/build-if-stale.js";
import { BenchSession } from "./bench-session.js";
import { judge } from "./gates.js";
import { describeMachine } from "./machine.js";
import { describeBroken, report } from "./report.js";
import { scenarios } from "./scenarios.js";
import { replaceBetween } from "./splice.js";

/** @typedef {import("./peers.js").PeerName} PeerName */

const MAX_CLIENTS = 5000;
const page = fileURLToPath(new URL("../../docs/reference/performance.md", import.meta.url));

/**
 * @param {object} options
 * @param {number} options.rounds
 * @param {boolean} options.isQuick
 * @param {boolean} options.isGate - a missed gate is a failure
 * @param {boolean} options.write - into the documentation
 * @param {readonly string[]} options.only - names of scenarios; none: all
 * @param {readonly string[]} options.peers - names of peers; none: all
 * @param {string | undefined} options.profileTo - a folder for profiles
 * @returns {Promise<number>} the exit code
 */
export async function benchDelivery({ rounds, isQuick, isGate, write, only, peers, profileTo }) {
  if (profileTo !== undefined) mkdirSync(profileTo, { recursive: true });
  buildIfStale();
  const secret = randomBytes(32).toString("base64");
  process.env["BENCH_SECRET"] = secret;
  const tokens = await issueTokens(secret);
  const results = /** @type {import("./gates.js").Results} */ (new Map());
  const failures = /** @type {{ peer: PeerName, text: string }[]} */ ([]);
  for (const scenario of scenarios) {
    if (only.length > 0 && !only.includes(scenario.name)) continue;
    for (let round = 0; round < rounds; round += 1) {
      const asked = round % 3 === 0 ? [...scenario.peers, ...scenario.others] : scenario.peers;
      const chosen = asked.filter((name) => peers.length === 0 || peers.includes(name));
      // Each round begins with another one, so that nobody always follows the same neighbour.
      for (const name of rotate(chosen, round)) {
        process.stderr.write(`${scenario.name}, round ${round + 1} of ${rounds}: ${name}\n`);
        try {
          for await (const [row, sample] of measure(scenario, name, tokens, {
            isQuick,
            profileTo,
          })) {
            keep(results, row, name, round, sample);
          }
        } catch (error) {
          // The others are worth their time all the same.
          const why = error instanceof Error ? error.message : String(error);
          const text = `${scenario.name}, ${name}, round ${round + 1}: ${why.split("\n")[0]}`;
          failures.push({ peer: name, text });
          process.stderr.write(`failed: ${text}\n`);
        }
      }
    }
  }
  const context = {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    ...describeMachine(),
  };
  const text = report(results, { ...context, rounds, isQuick, failures });
  process.stdout.write(`${text}\n`);
  if (write)
    writeFileSync(page, replaceBetween(readFileSync(page, "utf8"), "bench:delivery", text));
  // A lost message is no question of speed: it fails the run, gates or not.
  if ([...describeBroken(results), ...failures].some(({ peer }) => peer.startsWith("inkwire")))
    return 1;
  return isGate && judge(results).some(({ verdict }) => verdict === "missed") ? 1 : 0;
}

/**
 * @param {import("./scenarios.js").Scenario} scenario
 * @param {PeerName} name
 * @param {readonly string[]} tokens
 * @param {{ isQuick: boolean, profileTo: string | undefined }} options
 */
async function* measure(scenario, name, tokens, { isQuick, profileTo }) {
  const session = new BenchSession(name, { profileTo });
  try {
    await session.start(tokens);
    yield* scenario.measure(session, { isQuick });
  } finally {
    await session.close();
  }
}

/** @param {string} secret */
async function issueTokens(secret) {
  const { createTokenIssuer } = await import("@inkwire/core");
  const issuer = createTokenIssuer({ secret });
  return Promise.all(
    Array.from({ length: MAX_CLIENTS }, (_, user) => issuer.issue({ userId: String(user) })),
  );
}

/** @template T @param {readonly T[]} list @param {number} by @returns {T[]} */
function rotate(list, by) {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * @param {import("./gates.js").Results} results
 * @param {string} row
 * @param {PeerName} name
 * @param {number} round
 * @param {import("./bench-session.js").Sample} sample
 */
function keep(results, row, name, round, sample) {
  const byPeer = results.get(row) ?? new Map();
  results.set(row, byPeer);
  const byRound = byPeer.get(name) ?? new Map();
  byPeer.set(name, byRound);
  byRound.set(round, sample);
}
