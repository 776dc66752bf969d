import type { InkwireError } from "@inkwire/core/protocol";
import { trouble } from "../trouble.js";
import type { ConnectionStatus } from "../types.js";
import { backoffMs, type Backoff } from "./backoff.js";

/*
 *                connect                     hello                      caught_up
 *   ┌──────┐ ─────────────▶ ┌────────────┐ ─────────▶ ┌─────────────┐ ──────────▶ ┌──────┐
 *   │ idle │                │ connecting │            │ catching_up │             │ live │
 *   └──────┘ ◀── suspend ── └────────────┘            └─────────────┘             └──────┘
 *                             ▲  │  ▲  └──────────────── hello, nothing missed ──────▲
 *        due, wake, connect   │  │  │ renew, token refused for the first time         │
 *                             │  │  └─────────────────────────────────── (from any that is connected)
 *             ┌───────────────┘  │ lost
 *        ┌─────────┐ ◀───────────┘                    ┌──────────────┐
 *        │ waiting │                                  │ unauthorized │ ◀── a fresh token refused too, signed out
 *        │ offline │  (by what the device says)       └──────────────┘
 *        └─────────┘                                  ┌────────┐
 *                                                     │ closed │ ◀── close, refused for good
 *                                                     └────────┘
 *   `unauthorized` and `closed` are left by `connect` alone. Every arrow out of a connected state drops the connection.
 */

export interface MachineState {
  readonly status: ConnectionStatus;
  readonly since: number;
  /** Attempts in a row that failed or did not last. */
  readonly failures: number;
  /** The token in hand was refused: the next attempt needs a fresh one, and its refusal is final. */
  readonly stale: boolean;
  /** When to try again. */
  readonly retryAt?: number | undefined;
  /** The server asked for the wait: only `connect` cuts it short. */
  readonly asked?: boolean | undefined;
  readonly error?: InkwireError | undefined;
}

export type MachineEvent =
  | { readonly type: "connect" | "close" | "suspend" | "wake" | "due" | "caught_up" | "stable" }
  /** The device says that its network is gone. */
  | { readonly type: "offline" }
  /** Topics or user have changed: another request, now. */
  | { readonly type: "renew" }
  | { readonly type: "hello"; readonly missed: boolean }
  /** The attempt or the connection is over, and another may work. */
  | { readonly type: "lost"; readonly error: InkwireError }
  /** A 401 or its like. */
  | { readonly type: "token_refused"; readonly error: InkwireError }
  /** There is no token: nobody is signed in. */
  | { readonly type: "signed_out"; readonly error: InkwireError }
  /** No retry can mend it. */
  | { readonly type: "refused"; readonly error: InkwireError };

/** What the world looks like when the event happens: with it, the machine is a function. */
export interface MachineWorld {
  readonly now: number;
  /** In `[0, 1)`. */
  readonly random: number;
  readonly isOnline: boolean;
  readonly backoff: Backoff;
}

/** `open` drops what there is and begins anew. Without an effect the connection is left as it is. */
export type Effect = "open" | "drop" | undefined;

export const initialState = (now: number): MachineState => ({
  status: "idle",
  since: now,
  failures: 0,
  stale: false,
});

/** Total: any event in any state gives a state. What does not matter in a state gives back the very same object. */
export function transition(
  state: MachineState,
  event: MachineEvent,
  world: MachineWorld,
): readonly [MachineState, Effect] {
  const { status, failures, stale } = state;
  const isUp = status === "live" || status === "catching_up";
  const isTrying = isUp || status === "connecting";
  const isWaiting = status === "waiting" || status === "offline";

  const go = (
    next: ConnectionStatus,
    effect: Effect,
    rest?: Partial<MachineState>,
  ): readonly [MachineState, Effect] => [
    { status: next, since: next === status ? state.since : world.now, failures, stale, ...rest },
    effect,
  ];
  const wait = (
    isOnline: boolean,
    error: InkwireError,
    retryAfterMs?: number,
    isStale = stale,
  ): readonly [MachineState, Effect] =>
    go(isOnline ? "waiting" : "offline", "drop", {
      failures: failures + 1,
      stale: isStale,
      error,
      asked: retryAfterMs !== undefined,
      retryAt: world.now + backoffMs(failures + 1, world.backoff, world.random, retryAfterMs),
    });
  const stay = [state, undefined] as const;

  switch (event.type) {
    case "connect":
      if (isTrying) return stay;
      return go("connecting", "open", {
        stale: stale || status === "unauthorized",
        error: state.error,
      });
    case "close":
      return status === "closed" ? stay : go("closed", "drop");
    case "suspend":
      return isTrying || isWaiting ? go("idle", "drop") : stay;
    case "due":
      return isWaiting ? go("connecting", "open", { error: state.error }) : stay;
    case "wake":
      return isWaiting && (state.asked !== true || world.now >= (state.retryAt ?? 0))
        ? go("connecting", "open", { error: state.error })
        : stay;
    case "offline":
      if (status === "waiting")
        return [{ ...state, status: "offline", since: world.now }, undefined];
      // Only a hint: a new attempt, soon, finds out whether it is true.
      return isTrying ? wait(false, trouble("server_unreachable", "Offline")) : stay;
    case "renew":
      return isTrying ? go("connecting", "open") : stay;
    case "hello":
      if (status !== "connecting") return stay;
      return go(event.missed ? "catching_up" : "live", undefined, { stale: false });
    case "caught_up":
      return status === "catching_up" ? go("live", undefined) : stay;
    case "stable":
      return isUp && failures > 0 ? go(status, undefined, { failures: 0 }) : stay;
    case "lost":
      return isTrying ? wait(world.isOnline, event.error, event.error.retryAfterMs) : stay;
    case "token_refused":
      if (!isTrying) return stay;
      if (!isUp && stale) return go("unauthorized", "drop", { error: event.error });
      // A token that was let in and has ended is no refusal; but where none lasts, it is calmed like any failure.
      return isUp && failures > 0
        ? wait(world.isOnline, event.error, undefined, true)
        : go("connecting", "open", {
            stale: true,
            failures: failures + (isUp ? 1 : 0),
            error: event.error,
          });
    case "signed_out":
      return isTrying ? go("unauthorized", "drop", { error: event.error }) : stay;
    case "refused":
      return isTrying ? go("closed", "drop", { error: event.error }) : stay;
    default:
      return event satisfies never;
  }
}
