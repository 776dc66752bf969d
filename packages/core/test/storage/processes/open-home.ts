import { isInkwireError } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";

// Opens a home and says how that went: `open-home.ts <directory>`.
const [directory = ""] = process.argv.slice(2);
try {
  await openHome(directory);
  console.log("opened");
} catch (error) {
  console.log(isInkwireError(error) ? `${error.code} ${error.message}` : String(error));
}
