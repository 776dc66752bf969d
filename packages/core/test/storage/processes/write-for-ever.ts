import { createStorage } from "unstorage";
import { atomicDriver } from "../../../src/storage/atomic-driver.js";

// Overwrites one record again and again, each time with another length: `write-for-ever.ts <directory>`.
const [base = ""] = process.argv.slice(2);
const storage = createStorage({ driver: atomicDriver({ base }) });
for (let round = 0; ; round++) {
  await storage.setItem(
    "record",
    JSON.stringify({ round, text: "x".repeat((round * 7_919) % 60_000) }),
  );
  if (round === 0) console.log("writing");
}
