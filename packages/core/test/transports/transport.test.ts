import { describe } from "vitest";
import { describeTransport } from "../suites/transport.js";

describe("SSE on Node's own response", () => {
  describeTransport("sse-node");
});

describe("SSE as a web stream", () => {
  describeTransport("sse-web");
});

describe("WebSocket", () => {
  describeTransport("websocket");
});
