// `pnpm bench [startup|delivery|generation …] [--rounds n] [--quick] [--gate] [--write]`: what inkwire costs beside what it is compared with.
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const HELP = `pnpm bench [what …] [options]

what (default: all)
  startup              the command and a whole book, beside node -e 0
  delivery             messages to connections, beside other servers
  generation           a book, beside the AI SDK asked for the same chapters
  nodes                several servers on one Redis, beside one alone
  sizing               10,000 users on two servers and one Redis; only where it is asked for

options
  --rounds n           how often each is measured (default 5; with --quick 1)
  --quick              less of everything: a look in about 90 seconds
  --gate               a missed gate is exit code 1
  --write              put the tables of delivery and generation into docs/reference/performance.md
  --only a,b           scenarios of delivery: fan-out, idle, targeted, storm, stalled
  --profile folder     a .cpuprofile of each delivery row and peer, for the tools of Chromium or VS Code
  --peers a,b          peers of delivery, such as inkwire,bare-socket
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    gate: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    peers: { type: "string", default: "" },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** @param {string} list */
const names = (list) => list.split(",").filter((name) => name !== "");

/** @param {string} message @returns {never} */
function usage(message) {
  process.stderr.write(`error: ${message}\n\n${HELP}`);
  process.exit(2);
}

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const benches = ["startup", "delivery", "generation", "nodes"];
const what = positionals.length === 0 ? benches : positionals;
const unknown = what.find((name) => ![...benches, "sizing"].includes(name));
if (unknown !== undefined) {
  usage(`Expected ${benches.join(", ")} or sizing, got ${JSON.stringify(unknown)}`);
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
if (!Number.isSafeInteger(rounds) || rounds < 1 || rounds > 100) {
  usage(`Expected --rounds to be a whole number from 1 to 100, got ${values.rounds}`);
}

if (what.includes("startup")) {
  const { benchStartup } = await import("./startup/startup.js");
  benchStartup({ rounds });
}
if (what.includes("delivery")) {
  const { benchDelivery } = await import("./delivery/delivery.js");
  process.exitCode = await benchDelivery({
    rounds,
    isQuick: values.quick,
    isGate: values.gate,
    write: values.write,
    only: names(values.only),
    peers: names(values.peers),
    profileTo: values.profile === undefined ? undefined : resolve(values.profile),
  });
}
if (what.includes("nodes")) {
  const { benchNodes } = await import("./nodes/nodes.js");
  await benchNodes({ rounds, isQuick: values.quick });
}
if (what.includes("sizing")) {
  const { benchSizing } = await import("./nodes/sizing.js");
  await benchSizing({ users: values.quick ? 1_000 : 10_000 });
}
if (what.includes("generation")) {
  const { benchGeneration } = await import("./generation/generation.js");
  const code = await benchGeneration({
    rounds,
    isQuick: values.quick,
    isGate: values.gate,
    write: values.write,
  });
  process.exitCode = Number(process.exitCode ?? 0) || code;
}
