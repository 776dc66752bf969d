import { writeSync } from "node:fs";
import { join } from "node:path";
import { createStorage } from "unstorage";
import { createDatabase } from "../../../src/storage/database.js";
import { databaseDriver } from "../../../src/storage/database-driver.js";

// Stores one record after the other, and says the number of each when it is stored: `write-rows.ts <directory> <name>`.
const [directory = "", name = ""] = process.argv.slice(2);
const database = createDatabase(join(directory, "jobs.db"));
const storage = createStorage({ driver: databaseDriver({ database, prefix: "jobs" }) });
await storage.setItem("first", JSON.stringify({ text: "" }));
writeSync(1, "writing\n");
for (let number = 0; ; number++) {
  const text = "x".repeat((number * 7_919) % 20_000);
  await storage.setItem(`${name}-${number}`, JSON.stringify({ number, text }));
  writeSync(1, `${number}\n`);
}
