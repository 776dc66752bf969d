// `pnpm shots`: makes the pictures of the documentation from real runs of the command, in a real terminal (tmux).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build-if-stale.js";
import { terminalSvg } from "./terminal-svg.js";

const size = { columns: 80, rows: 34 };
const root = fileURLToPath(new URL("..", import.meta.url));
const session = `inkwire-shots-${process.pid}`;
/** @param {string[]} args */
const tmux = (...args) => execFileSync("tmux", args, { encoding: "utf8" });

if (spawnSync("tmux", ["-V"]).status !== 0) {
  process.stderr.write("error: the pictures are taken in tmux, which is not installed\n");
  process.exit(1);
}
buildIfStale();
const home = mkdtempSync(join(tmpdir(), "inkwire-shots-"));
try {
  tmux(
    "new-session",
    "-d",
    "-s",
    session,
    "-x",
    String(size.columns),
    "-y",
    String(size.rows),
    "-e",
    `INKWIRE_HOME=${home}/home`,
    "-e",
    "PS1=$ ",
    "-e",
    `PATH=${process.env["PATH"]}`,
    "bash --norc",
  );
  tmux("set-option", "-t", session, "status", "off");
  tmux(
    "send-keys",
    "-t",
    session,
    `clear; node ${root}packages/cli/bin/inkwire.js create "The Tides of Brittany" --author offline --out ${home}/book`,
    "Enter",
  );
  await waitFor(/ 4[0-9]\s?%/);
  const screen = tmux("capture-pane", "-e", "-p", "-t", session).replace(/\n+$/, "");
  const clean = screen
    .replaceAll(`node ${root}packages/cli/bin/inkwire.js`, "inkwire")
    .replaceAll(` --author offline --out ${home}/book`, "");
  const svg = await terminalSvg(clean, {
    ...size,
    title: "inkwire writes a book: the outline, chapters being written, and the newest text",
  });
  writeFileSync(join(root, "docs/guide/live-view.svg"), svg);
} finally {
  spawnSync("tmux", ["kill-session", "-t", session]);
  rmSync(home, { recursive: true, force: true });
}

/** @param {RegExp} pattern */
async function waitFor(pattern) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (pattern.test(tmux("capture-pane", "-p", "-t", session))) return;
    await sleep(100);
  }
  throw new Error(
    `The screen never showed ${pattern}:\n${tmux("capture-pane", "-p", "-t", session)}`,
  );
}
