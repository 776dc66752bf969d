// A process of its own that exports every fixture in every format, and prints the hashes as one line of JSON.
import { exporterFor, exportFormats } from "../../../src/books/exporters/exporter-for.js";
import { documents, names } from "./documents.js";
import { hashOf } from "./hash.js";

const hashes: Record<string, Record<string, string>> = {};
for (const format of exportFormats) {
  const exporter = await exporterFor(format);
  for (const name of names)
    (hashes[format] ??= {})[name] = hashOf(await exporter.export(documents[name]));
}
console.log(JSON.stringify(hashes));
