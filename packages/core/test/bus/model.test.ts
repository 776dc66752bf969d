import { it } from "vitest";
import { createMemoryHistory } from "../../src/index.js";
import { runBusModel } from "../suites/bus-model.js";

it("keeps its promise to every reader, whatever they do", { timeout: 300_000 }, () =>
  runBusModel({
    open: async (maxMessages) => createMemoryHistory({ maxMessages }),
    runs: Number(process.env["INKWIRE_SOAK_RUNS"] ?? 60),
  }),
);
