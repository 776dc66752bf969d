import { buildApp } from "./app.ts";

/** Before the first test of this project. */
export const setup = buildApp;
