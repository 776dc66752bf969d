import { expect, it } from "vitest";
import { createMessageLog } from "../../src/stores/message-log.js";
import { createMockClient } from "../../src/testing/mock-client.js";

const note = (id: string) => ({ id, title: "t", message: "m", type: "info" as const });

it("keeps the newest messages of its types, in order, and no more than asked", () => {
  const client = createMockClient();
  const log = createMessageLog(client, ["notification"], { maxMessages: 2 });
  for (const id of ["a", "b", "c"]) client.emit("notification", note(id));
  client.emit("inbox_update", { unread: 3 });
  expect(log.get().map(({ data }) => data.id)).toEqual(["b", "c"]);
  log.clear();
  expect(log.get()).toEqual([]);
});

it("starts over when the history is another one, and stops when it is closed", () => {
  const client = createMockClient();
  const log = createMessageLog(client);
  client.emit("notification", note("a"));
  client.gap({ kind: "gap", topics: ["user/1"] });
  expect(log.get()).toHaveLength(1);
  client.gap({ kind: "reset", topics: ["user/1"] });
  expect(log.get()).toEqual([]);
  log.close();
  client.emit("notification", note("b"));
  expect(log.get()).toEqual([]);
});
