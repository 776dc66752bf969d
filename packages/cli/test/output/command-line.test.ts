import { expect, it } from "vitest";
import { commandLine } from "../../src/output/command-line.js";

it("names the command as this place calls it", () => {
  expect(commandLine({}, "resume 7")).toBe("inkwire resume 7");
  expect(commandLine({ INKWIRE_COMMAND: "pnpm inkwire" }, "resume 7")).toBe(
    "pnpm inkwire resume 7",
  );
  expect(commandLine({ INKWIRE_COMMAND: "npx @inkwire/cli" }, "list")).toBe(
    "npx @inkwire/cli list",
  );
});

it.each(["", "\u001b[31mred", "a\nb", "a; rm -rf .", "\u202e", "x".repeat(61)])(
  "does not print the name %j",
  (name) => expect(commandLine({ INKWIRE_COMMAND: name }, "list")).toBe("inkwire list"),
);
