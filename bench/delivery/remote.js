// A process of the harness and the calls to it, over Node's own IPC channel.
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** No call takes as long: a server that hangs ends the run instead of holding it up. */
const CALL_TIMEOUT_MS = 90_000;

let canPin = /** @type {boolean | undefined} */ (undefined);

/** Whether processes can be bound to a core here: Linux with util-linux, and two cores to tell apart. */
export function canPinCores() {
  canPin ??= availableParallelism() > 1 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;
  return canPin;
}

/** @typedef {{ id: number, call: string, args: unknown[] }} Call */
/** @typedef {{ id: number, result?: unknown, error?: string }} Answer */

/** Starts a file of the harness on a core of its own, and calls what it serves. */
export class Remote {
  #child;
  #nextId = 1;
  #waiting =
    /** @type {Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }>} */ (
      new Map()
    );
  #ended;
  #name;

  /**
   * @param {string} file
   * @param {{ core: number, args?: readonly string[], flags?: readonly string[] }} options
   */
  constructor(file, { core, args = [], flags = [] }) {
    this.#name = [file, ...args].join(" ");
    const node = [process.execPath, ...flags, file, ...args];
    const [command = process.execPath, ...rest] = canPinCores()
      ? ["taskset", "-c", String(core), ...node]
      : node;
    this.#child = spawn(command, rest, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, NODE_ENV: "production" },
    });
    this.#child.on("message", (message) => this.#settle(/** @type {Answer} */ (message)));
    this.#ended = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        const error = new Error(`${file} ended with ${code ?? signal}`);
        for (const { reject, timer } of this.#waiting.values()) {
          clearTimeout(timer);
          reject(error);
        }
        this.#waiting.clear();
        resolve(undefined);
      });
    });
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** @param {string} call @param {unknown[]} args @returns {Promise<any>} */
  call(call, ...args) {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.#name} did not answer "${call}" within ${CALL_TIMEOUT_MS} ms`));
      }, CALL_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#child.send({ id, call, args }, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  async close() {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** @param {Answer} answer */
  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }
}

/**
 * The other side of {@link Remote}: answers calls until the harness is gone.
 *
 * @param {Record<string, (...args: any[]) => unknown>} methods
 */
export function serveCalls(methods) {
  process.on("message", (message) => {
    const { id, call, args } = /** @type {Call} */ (message);
    Promise.resolve()
      .then(() => methods[call]?.(...args))
      .then(
        (result) => process.send?.({ id, result }),
        (error) => process.send?.({ id, error: String(error?.stack ?? error) }),
      );
  });
  process.on("disconnect", () => process.exit());
}
