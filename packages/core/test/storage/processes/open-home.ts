import { writeSync } from "node:fs";
import { isInkwireError } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";

// Opens a home and says how that went, and before that it will if it is asked to: `open-home.ts <directory> [say-when]`.
const [directory = "", when] = process.argv.slice(2);
if (when !== undefined) writeSync(1, "opening\n");
try {
  await openHome(directory);
  console.log("opened");
} catch (error) {
  console.log(isInkwireError(error) ? `${error.code} ${error.message}` : String(error));
}
