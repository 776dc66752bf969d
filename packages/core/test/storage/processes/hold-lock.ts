import { createFileLocks } from "../../../src/storage/file-locks.js";

// Takes a lock and lives on: `hold-lock.ts <directory> <name>`.
const [directory = "", name = ""] = process.argv.slice(2);
const lease = await createFileLocks({ directory }).acquire(name);
console.log(String(lease?.token));
setInterval(() => {}, 1_000);
