// `pnpm inkwire` and `pnpm book`: the command of this checkout, built first where a source has changed.
import { buildIfStale } from "./build-if-stale.js";

buildIfStale();
const wrapper = new URL("../packages/cli/bin/inkwire.js", import.meta.url);
// To the command it is as if it had been started by itself.
process.argv[1] = wrapper.pathname;
// What it tells people to type is what works here.
process.env["INKWIRE_COMMAND"] ??= "pnpm inkwire";
await import(wrapper.href);
