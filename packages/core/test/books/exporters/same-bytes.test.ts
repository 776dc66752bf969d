import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { exporterFor, exportFormats } from "../../../src/books/exporters/exporter-for.js";
import { documents, names } from "./documents.js";
import { hashOf } from "./hash.js";

const run = promisify(execFile);
const hooks = new URL("../../support/register-sources.ts", import.meta.url).href;
const program = fileURLToPath(new URL("export-process.ts", import.meta.url));

/** The hashes of every fixture in every format, as a fresh process in that place and time makes them. */
async function elsewhere(zone: string, language: string): Promise<unknown> {
  const { stdout } = await run(
    process.execPath,
    ["--conditions=inkwire-src", "--import", hooks, program],
    { env: { ...process.env, TZ: zone, LANG: language, LC_ALL: language } },
  );
  return JSON.parse(stdout);
}

it("gives the same bytes of equal books in every format, process, time zone and language, and when asked twice", async () => {
  const here: Record<string, Record<string, string>> = {};
  for (const format of exportFormats) {
    const exporter = await exporterFor(format);
    for (const name of names)
      (here[format] ??= {})[name] = hashOf(await exporter.export(documents[name]));
    const again = await exporter.export(structuredClone(documents.plain));
    expect(hashOf(again)).toBe(here[format]?.["plain"]);
  }
  expect(await elsewhere("Pacific/Auckland", "de_DE.UTF-8")).toEqual(here);
}, 120_000);

it.each(exportFormats)("gives other bytes of another book: %s", async (format) => {
  const exporter = await exporterFor(format);
  const other = { ...documents.plain, premise: "Why the sea leaves twice a day." };
  expect(hashOf(await exporter.export(other))).not.toBe(
    hashOf(await exporter.export(documents.plain)),
  );
});
