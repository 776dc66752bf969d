import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { locksOf } from "../support/locks-of.js";

// Takes numbers and a contested lock as fast as it can: `race.ts <kind> <directory>`. The witness file exists exactly while
// somebody is inside; creating it fails if two are.
const [kind = "", directory = ""] = process.argv.slice(2);
const witness = join(directory, "inside");
const locks = locksOf(kind, directory);
const numbers: number[] = [];
const tokens: number[] = [];
let violations = 0;

for (let round = 0; round < 60; round++) {
  numbers.push(await locks.nextNumber("books"));
  const lease = await locks.acquire("contested");
  if (lease === undefined) continue;
  tokens.push(lease.token);
  try {
    closeSync(openSync(witness, "wx"));
    await lease.verify();
    rmSync(witness);
  } catch {
    violations++;
  }
  await lease.release();
}
console.log(JSON.stringify({ numbers, tokens, violations }));
