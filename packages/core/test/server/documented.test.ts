import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { TOKEN_VERIFIER_DEFAULTS } from "../../src/auth/options.js";
import { bookRequestLimits } from "../../src/books/request.js";
import { NOTIFIER_DEFAULTS } from "../../src/notifications/options.js";
import { RATE_DEFAULTS } from "../../src/server/rate-limits.js";
import { SERVER_DEFAULTS } from "../../src/server/options.js";
import { GATEWAY_DEFAULTS } from "../../src/transports/options.js";
import { openSse } from "./support/sse-reader.js";
import { openServerRoom } from "./support/server-room.js";

const read = (path: string): string =>
  readFileSync(new URL(`../../../../docs/operations/${path}`, import.meta.url), "utf8");
const source = (file: string): string =>
  readFileSync(new URL(`../../src/server/${file}`, import.meta.url), "utf8");

/** The cells of each row of the tables of a page. */
const rowsOf = (page: string): string[][] =>
  read(page)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .replaceAll(/^\||\|$/g, "")
        .split("|")
        .map((cell) => cell.trim()),
    );

it("explains every metric that there is, with its labels, and none that is not", async () => {
  await using room = await openServerRoom({ metrics: "open" });
  const { url } = await room.inkwire.listen();
  await using stream = await openSse(`${url}/events`, {
    authorization: `Bearer ${await room.token("ada")}`,
  });
  await stream.first("wire.hello");
  room.inkwire.connections.kick("ada");
  await stream.ended;
  await fetch(`${url}/events`);
  const text = await (await fetch(`${url}/metrics`)).text();
  const there = [...text.matchAll(/^# TYPE (inkwire_\w+) /gm)].map(([, name]) => name!);
  const documented = new Map(
    rowsOf("metrics.md").flatMap(([name = "", labels = ""]) => {
      const [, metric] = /^`(inkwire_\w+)`$/.exec(name) ?? [];
      return metric === undefined ? [] : [[metric, labels.replaceAll(/[`\s]/g, "")] as const];
    }),
  );
  expect(there.length).toBeGreaterThan(15);
  expect([...documented.keys()].toSorted()).toEqual(there.toSorted());
  for (const [, name = "", labels = ""] of text.matchAll(/^(inkwire_\w+?)\{([^}]*)\} /gm)) {
    const metric = there.find((known) => name === known || name.startsWith(`${known}_`));
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label!);
    expect(
      `${metric}: ${names
        .filter((label) => label !== "le")
        .toSorted()
        .join(",")}`,
    ).toBe(`${metric}: ${documented.get(metric!)!.split(",").toSorted().join(",")}`);
  }
});

it("says the limits that hold", () => {
  const defaults: Record<string, number> = {
    ...prefixed("connections", GATEWAY_DEFAULTS),
    ...prefixed("auth", TOKEN_VERIFIER_DEFAULTS),
    ...prefixed("notifications", NOTIFIER_DEFAULTS),
    maxBodyBytes: SERVER_DEFAULTS.maxBodyBytes,
    maxUrlBytes: SERVER_DEFAULTS.maxUrlBytes,
  };
  // Of no concern to whoever meets a limit.
  delete defaults["auth.cacheSize"];
  delete defaults["auth.maxRevocations"];
  const rows = rowsOf("limits.md");
  const said: Record<string, number> = {};
  for (const [, value = "", option = ""] of rows) {
    const name = option.replaceAll("`", "");
    if (Object.hasOwn(defaults, name)) said[name] = toNumber(value);
  }
  expect(said).toEqual(defaults);

  for (const [who, rates] of [
    ["each user", RATE_DEFAULTS.perUser],
    ["each address", RATE_DEFAULTS.perAddress],
  ] as const) {
    const row = rows.find(([first]) => first === who);
    const numbers = (["connect", "write", "read"] as const).map((bucket) => {
      const { perMinute, burst } = rates[bucket];
      return `${perMinute.toLocaleString("en")}, ${burst.toLocaleString("en")}`;
    });
    expect(row?.slice(1)).toEqual(numbers);
  }

  const { maxTitle, maxBrief, maxChapters, maxWords } = bookRequestLimits;
  const text = read("limits.md");
  expect(text).toContain(`${maxTitle}, ${maxBrief.toLocaleString("en")} characters`);
  expect(text).toContain(`${maxChapters}, ${maxWords.toLocaleString("en")} |`);
});

it("knows every sentence of the log, and none that is never said", () => {
  const said = ["connection-log.ts", "front-door.ts", "logger.ts", "serve-parts.ts"]
    .map(source)
    .flatMap((code) => [
      ...code.matchAll(/logger(?:\.\w+|\[level\])\([^;]*?"([a-z][a-z ]+)",?\s*\);/g),
      ...code.matchAll(/isStream \? "([a-z ]+)" : "([a-z ]+)"\)/g),
    ])
    .flatMap(([, ...sentences]) => sentences.filter((sentence) => sentence !== undefined));
  const documented = rowsOf("logs.md").flatMap(([first = ""]) =>
    [...first.matchAll(/`([a-z ]+)`/g)].map(([, sentence]) => sentence!),
  );
  expect(documented.filter((sentence) => sentence !== "msg").toSorted()).toEqual(
    [...new Set(said)].toSorted(),
  );
});

function prefixed(prefix: string, options: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, days: 86_400_000 };

/** `1,048,576 bytes`, `15 s`, `90 days`. */
function toNumber(text: string): number {
  const [, digits = "", unit = ""] = /^([\d,]+)(?: (\w+))?/.exec(text) ?? [];
  return Number(digits.replaceAll(",", "")) * (UNITS[unit] ?? 1);
}
