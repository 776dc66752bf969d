import { setTimeout as sleep } from "node:timers/promises";
import { isInkwireError } from "@inkwire/core/protocol";
import { commandLine } from "../output/command-line.js";
import type { Runtime } from "../runtime.js";
import type { Finding } from "./doctor.js";
import { addressOf, type ServerFlags } from "./remote/server-address.js";

/** What is not here after this is held back on the way, in milliseconds: the first message is sent at once. */
const HELLO_MS = 5_000;
const ANSWER_MS = 10_000;
/** Tokens allow for about so much; see `clockToleranceMs` of the verifier. */
const MAX_SKEW_MS = 5_000;

/**
 * Looks at a server as a client far away sees it: whether it answers, whether it takes the token, and whether what lies
 * between lets messages through at once, on both transports. No token is ever shown.
 */
export async function examineServer(
  runtime: Runtime,
  flags: ServerFlags,
  url: URL,
): Promise<Finding[]> {
  const base = url.href.replace(/\/*$/, "/");
  const at = (path: string): URL => new URL(path, base);
  const health = await checkHealth(at);
  if (health.some(({ state }) => state === "broken")) return health;
  const token = await findToken(runtime, flags, url);
  if (typeof token !== "string") return [...health, token];
  return [
    ...health,
    await checkAuth(runtime, at("api/books?limit=1"), token),
    ...(await checkEvents(at("events"), token)),
    await checkWebSocket(at("ws"), token),
  ];
}

async function checkHealth(at: (path: string) => URL): Promise<Finding[]> {
  const health = at("health");
  try {
    const sentAt = Date.now();
    const response = await fetch(health, { signal: AbortSignal.timeout(ANSWER_MS) });
    const receivedAt = Date.now();
    const body: unknown = await response.json().catch(() => undefined);
    const isOurs = response.ok && (body as { status?: unknown } | undefined)?.status === "ok";
    if (!isOurs) {
      return [
        {
          name: "health",
          state: "broken",
          detail: `${health} answered ${response.status}, and not as an inkwire server does`,
          hint: "check the address; is a basePath missing?",
        },
      ];
    }
    const ready = await fetch(at("ready"), { signal: AbortSignal.timeout(ANSWER_MS) });
    return [
      { name: "health", state: "ok", detail: `answers in ${receivedAt - sentAt} ms` },
      ready.ok
        ? { name: "ready", state: "ok", detail: "takes connections" }
        : { name: "ready", state: "warning", detail: "is about to stop, or has just begun" },
      checkClock(response.headers.get("date"), sentAt, receivedAt),
    ];
  } catch (error) {
    return [
      {
        name: "health",
        state: "broken",
        detail: `nothing answers at ${health} (${causeOf(error)})`,
        hint: "is `inkwire serve` running there, and does a proxy lead to it?",
      },
    ];
  }
}

/** @param date - the header `Date`, whole seconds. */
export function checkClock(date: string | null, sentAt: number, receivedAt: number): Finding {
  const name = "clock";
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told))
    return { name, state: "warning", detail: "the server does not tell its time" };
  // It was some moment of that second, at some moment between asking and answer.
  const ahead = told - receivedAt;
  const behind = sentAt - (told + 999);
  const skew = Math.max(0, ahead, behind);
  const detail = `differs from this machine's by ${skew < 1_000 ? "less than a second" : `${Math.round(skew / 1_000)} s`}`;
  return skew <= MAX_SKEW_MS
    ? { name, state: "ok", detail }
    : {
        name,
        state: "warning",
        detail,
        hint: "tokens may count as expired, or as not valid yet: set both clocks by NTP",
      };
}

async function findToken(
  runtime: Runtime,
  flags: ServerFlags,
  url: URL,
): Promise<string | Finding> {
  try {
    const { token } = await addressOf(runtime, flags, url);
    return typeof token === "string" ? token : await token();
  } catch (error) {
    if (!isInkwireError(error, "token_missing")) throw error;
    const { message, hint } = error;
    return {
      name: "auth",
      state: "warning",
      detail: `${message}: not examined any further`,
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

async function checkAuth(runtime: Runtime, books: URL, token: string): Promise<Finding> {
  const name = "auth";
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(books, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
  if (status < 400) return { name, state: "ok", detail: "the token is accepted" };
  if (status === 404) return { name, state: "ok", detail: "the server has no books" };
  return status === 401
    ? {
        name,
        state: "broken",
        detail: "the token is refused",
        hint: `give a fresh one with --token; where the server runs, ${commandLine(runtime.env, "token")} prints one`,
      }
    : { name, state: "broken", detail: `the API answered ${status}` };
}

/** Whether the first message comes at once while the stream stays open: what buffers would hold it back. */
async function checkEvents(events: URL, token: string): Promise<Finding[]> {
  const name = "sse";
  const leaving = new AbortController();
  const timer = setTimeout(() => leaving.abort(), HELLO_MS);
  const startedAt = performance.now();
  try {
    const response = await fetch(events, {
      headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
      signal: leaving.signal,
    });
    const type = response.headers.get("content-type") ?? "none";
    if (response.status !== 200 || !type.startsWith("text/event-stream")) {
      return [
        {
          name,
          state: "broken",
          detail: `${events.pathname} answered ${response.status} with content type ${type}`,
          hint: "something on the way answers in the server's place, or does not lead there",
        },
      ];
    }
    const encoding = response.headers.get("content-encoding");
    await readHello(response);
    const ms = Math.round(performance.now() - startedAt);
    return [
      { name, state: "ok", detail: `messages arrive unbuffered, the first after ${ms} ms` },
      ...(encoding === null
        ? []
        : [
            {
              name,
              state: "warning" as const,
              detail: `the stream is compressed on its way (${encoding})`,
              hint: "switch that off for text/event-stream: it holds small messages back",
            },
          ]),
    ];
  } catch (error) {
    return [
      leaving.signal.aborted
        ? {
            name,
            state: "broken",
            detail: `no message within ${HELLO_MS / 1_000} s: something on the way holds them back`,
            hint: "switch buffering off in the proxy; docs/operations/proxies.md has snippets",
          }
        : { name, state: "broken", detail: `the stream broke (${causeOf(error)})` },
    ];
  } finally {
    clearTimeout(timer);
    leaving.abort();
  }
}

async function readHello(response: Response): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("event: wire.hello\n") && text.endsWith("\n\n")) return;
    if (text.length > 1_048_576) break;
  }
  throw new Error("it is no stream of inkwire");
}

async function checkWebSocket(ws: URL, token: string): Promise<Finding> {
  const name = "websocket";
  ws.protocol = ws.protocol === "https:" ? "wss:" : "ws:";
  const startedAt = performance.now();
  const socket = new WebSocket(ws, ["inkwire.v1", `inkwire.token.${token}`]);
  const opened = new Promise<Finding>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      if (!String(data).includes('"wire.hello"')) return;
      const ms = Math.round(performance.now() - startedAt);
      resolve({
        name,
        state: "ok",
        detail: `the upgrade passes, the first message came after ${ms} ms`,
      });
    });
    const fail = (detail: string): void =>
      resolve({
        name,
        state: "warning",
        detail,
        hint: "clients use SSE alone; a proxy has to pass the Upgrade header on for WebSocket",
      });
    socket.addEventListener("error", () => fail("the upgrade does not pass"));
    socket.addEventListener("close", ({ code, reason }) =>
      fail(`it was closed with ${code}${reason === "" ? "" : ` (${reason})`}`),
    );
  });
  const late: Promise<Finding> = sleep(HELLO_MS, undefined, { ref: false }).then(() => ({
    name,
    state: "warning",
    detail: `no message within ${HELLO_MS / 1_000} s`,
    hint: "clients use SSE alone",
  }));
  try {
    return await Promise.race([opened, late]);
  } finally {
    socket.close();
  }
}

function causeOf(error: unknown): string {
  const { cause, message, name } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? (name === "TimeoutError" ? "no answer in time" : message);
}
