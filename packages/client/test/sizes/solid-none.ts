/** What a page has anyway. */
export * from "solid-js";
export * as store from "solid-js/store";
export * as web from "solid-js/web";
export * as client from "../../src/index.js";
