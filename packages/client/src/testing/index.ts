/** `@inkwire/client/testing`: doubles for the tests of programs that use the client. */
import type { FaultServer, FaultServerOptions } from "./node/fault-server.js";

export { createFakeToken } from "./fake-token.js";
export { createMockClient, type MockClient, type MockClientOptions } from "./mock-client.js";
export type { Answer, FaultServer, FaultServerOptions, SeenRequest } from "./node/fault-server.js";
export type { Faults } from "./node/faults.js";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.js";

/**
 * A server that speaks the protocol on a real socket of Node and lets go wrong what a test says. The rest of this entry
 * runs everywhere, so it is loaded when it is asked for.
 */
export async function createFaultServer(options?: FaultServerOptions): Promise<FaultServer> {
  const node = await import("./node/fault-server.js");
  return node.createFaultServer(options);
}
