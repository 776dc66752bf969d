import { locksOf } from "../support/locks-of.js";

// Takes a lock and lives on: `hold-lock.ts <kind> <directory> <name>`.
const [kind = "", directory = "", name = ""] = process.argv.slice(2);
const lease = await locksOf(kind, directory).acquire(name);
console.log(String(lease?.token));
setInterval(() => {}, 1_000);
