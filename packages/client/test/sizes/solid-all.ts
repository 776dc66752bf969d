/** Everything, components too. */
export * from "./solid-none.js";
export * as inkwire from "../../src/solid/index.js";
