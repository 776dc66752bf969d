import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Runs where `@inkwire/client/solid` is what is published, as Node finds it. */
function node(script: string): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
}

it("renders to text in Node through its own exports: no client, no timer, no request", () => {
  const output = node(`
    import { createComponent, renderToString } from "solid-js/web";
    import * as inkwire from "@inkwire/client/solid";
    globalThis.fetch = () => { throw new Error("a server asked for something"); };
    const Page = () => [
      createComponent(inkwire.ConnectionStatus, {}),
      createComponent(inkwire.BookGenerationProgress, { bookId: 7, title: "<Tides>" }),
      createComponent(inkwire.NotificationBell, {}),
      createComponent(inkwire.ProgressTracker, {}),
      createComponent(inkwire.Toaster, {}),
    ];
    for (const token of ["a.b.c", undefined]) {
      console.log(renderToString(() => createComponent(inkwire.InkwireProvider, {
        url: "https://books.example", token, get children() { return Page(); },
      })));
    }
  `);
  const [signedIn = "", signedOut = ""] = output.trim().split("\n");
  expect(signedIn).toContain("Connecting…");
  expect(signedIn).toContain("&lt;Tides>");
  expect(signedIn).not.toContain("<Tides>");
  expect(signedIn).toContain("Loading…");
  expect(signedOut).toContain("Not connected");
  expect(signedOut).not.toContain("Loading…");
});
