// What `check-install.js` does with the projects that `inkwire init` made: builds what has to be, starts, asks, ends.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * @typedef {object} Template
 * @property {string} main - what Node runs.
 * @property {readonly string[]} [build] - what it runs before that.
 * @property {Readonly<Record<string, string>>} answers - paths, and what their answers hold.
 */

const health = '"status"';

/** @type {Readonly<Record<string, Template>>} */
export const templates = {
  minimal: {
    main: "server.js",
    answers: { "/": "<h1>", "/client/index.js": "export", "/health": health },
  },
  express: { main: "server.js", answers: { "/live/health": health } },
  hono: { main: "server.js", answers: { "/live/health": health } },
  orders: { main: "server.js", answers: { "/health": health } },
  solid: {
    main: "server/main.ts",
    build: ["node_modules/vite/bin/vite.js", "build", "--logLevel=error"],
    answers: { "/": "/assets/", "/books/1": "/assets/", "/live/health": health },
  },
};

const PATIENCE_MS = 120_000;

/** @param {string} folder @param {string} node @param {Template} template */
export async function startTemplate(folder, node, { main, build, answers }) {
  if (build !== undefined) {
    const { status } = spawnSync(node, build, {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: PATIENCE_MS,
    });
    if (status !== 0) throw new Error(`${folder}: ${build.join(" ")} ended with ${status}`);
  }
  const child = spawn(node, [main], {
    cwd: folder,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [url] = await once(createInterface(child.stdout), "line", {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    for (const [path, holds] of Object.entries(answers)) {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      const text = await answer.text();
      if (!answer.ok || !text.includes(holds))
        throw new Error(`${folder}${path} answered ${answer.status} ${text.slice(0, 200)}`);
    }
  } finally {
    child.kill("SIGKILL");
  }
}
