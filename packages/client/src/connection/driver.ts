import { InkwireError, type ControlMessage, type Topic } from "@inkwire/core/protocol";
import type { Clock, Lifecycle, LifecycleEvent } from "../environment.js";
import type { Chooser, Wire, WireRequest } from "../transports/types.js";
import { trouble } from "../trouble.js";
import type { Backoff } from "./backoff.js";
import { isControl, parseFrame } from "./frame.js";
import { GRACE_MS, patienceMs } from "./liveness.js";
import { initialState, transition, type MachineEvent } from "./machine.js";
import type { Connection, ConnectionFactory, Token } from "./types.js";

/** So long a connection must stay up before the failures before it are forgotten. */
export const STABLE_MS = 10_000;
const NEVER = Number.POSITIVE_INFINITY;

export interface DriverOptions extends Pick<
  WireRequest,
  "base" | "maxMessageLength" | "fetch" | "WebSocket"
> {
  readonly chooser: Chooser;
  readonly backoff: Backoff;
  readonly helloTimeoutMs: number;
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
  readonly random: () => number;
}

/**
 * Runs the machine: does what its effects say, and tells it what wire, clock and page report. There is one timer, for
 * whatever is due next, and each time the wall clock is asked: a timer that runs late is as good as one in time.
 */
export function createDriver(options: DriverOptions): ConnectionFactory {
  const { chooser, clock, lifecycle, helloTimeoutMs } = options;
  const { now } = clock;

  return (host): Connection => {
    let state = initialState(now());
    /** Grows with each attempt: what an older one still has to say is not heard. */
    let attempt = 0;
    let wire: Wire | undefined;
    let transport = chooser.pick();
    let token: Token | undefined;
    let topics: readonly Topic[] = [];
    let hello: ControlMessage<"wire.hello">["data"] | undefined;
    /** When the attempt was sent, or said hello; and when something last came. */
    let phaseAt = NEVER;
    let aliveAt = 0;
    let cancelTimer: (() => void) | undefined;
    let stopLifecycle: (() => void) | undefined;
    let isSuspended = false;

    const isUp = (): boolean => state.status === "live" || state.status === "catching_up";
    const isSilent = (isWake?: boolean): boolean =>
      now() - aliveAt >= patienceMs(hello?.heartbeat_ms, lifecycle.isHidden(), isWake);

    function send(event: MachineEvent): void {
      const before = state;
      const [next, effect] = transition(state, event, {
        now: now(),
        random: options.random(),
        isOnline: lifecycle.isOnline(),
        backoff: options.backoff,
      });
      state = next;
      if (effect !== undefined) {
        attempt += 1;
        phaseAt = NEVER;
        wire?.close();
        wire = undefined;
        if (effect === "open") {
          transport = chooser.pick();
          void open(attempt);
        }
      }
      if (next !== before) {
        const { status, since, failures, error, retryAt } = next;
        host.report({ status, since, failures, transport: transport.name, error, retryAt });
      }
      arm();
    }

    async function open(mine: number): Promise<void> {
      const refused = state.stale ? token?.text : undefined;
      try {
        token = await host.auth.token(state.stale);
      } catch (thrown) {
        const error = thrown as InkwireError;
        if (mine === attempt) send({ type: error.retryable ? "lost" : "signed_out", error });
        return;
      }
      if (mine !== attempt) return;
      const { text, userId } = token;
      if (text === refused) {
        return fail(state.error ?? new InkwireError("token_invalid", "No fresh token"));
      }
      phaseAt = aliveAt = now();
      topics = host.topics();
      const ifMine =
        <T extends readonly unknown[]>(call: (...values: T) => void) =>
        (...values: T): void => {
          if (mine === attempt) call(...values);
        };
      wire = transport.open(
        { ...options, token: text, topics, cursor: host.cursor(userId), now },
        {
          alive: ifMine(() => (aliveAt = now())),
          text: ifMine((json: string) => read(json, userId)),
          end: ifMine(fail),
        },
      );
      arm();
    }

    /** The attempt or the connection is over: what follows depends on the error. */
    function fail(error: InkwireError): void {
      if (state.status === "connecting") chooser.failed(error);
      if (error.code.startsWith("token_")) send({ type: "token_refused", error });
      else send({ type: error.retryable ? "lost" : "refused", error });
    }

    function read(json: string, userId: string | undefined): void {
      const frame = parseFrame(json);
      const isHello = frame?.type === "wire.hello";
      // A WebSocket that is refused for now hears when to come back instead of a hello.
      const isGoodbye = frame?.type === "wire.goodbye";
      if (frame === undefined || (!isGoodbye && isHello === isUp())) return host.malformed(json);
      const mine = attempt;
      let isWhole: boolean;
      try {
        isWhole = host.receive(frame, userId);
        // What it was opened with is in effect from here on: a WebSocket's later changes are told by the server.
        if (isHello) {
          const data = { topics, refused: [] };
          host.receive({ type: "wire.topics", time: frame.time, data }, userId);
        }
      } catch (error) {
        return fail(error as InkwireError);
      }
      // A handler may have closed the client, or subscribed to more.
      if (mine !== attempt) return;
      if (isHello) {
        phaseAt = now();
        hello = (frame as ControlMessage<"wire.hello">).data;
        chooser.worked();
        send({ type: "hello", missed: !isWhole });
      } else {
        if (isWhole && state.status === "catching_up") send({ type: "caught_up" });
        if (isControl(frame)) control(frame);
      }
    }

    function control({ type, data }: ControlMessage): void {
      if (type === "wire.expiring") void refresh(attempt);
      if (type === "wire.topics" && data.refused.length > 0) {
        host.problem(new InkwireError("topic_forbidden", `Refused: ${data.refused.join()}`));
      }
      if (type !== "wire.goodbye") return;
      const { reason, reconnect, reconnect_ms: waitMs } = data;
      const error = new InkwireError(goodbyes[reason] ?? "connection_lost", `Goodbye: ${reason}`, {
        retryable: reconnect,
        retryAfterMs: waitMs > 0 ? waitMs : undefined,
      });
      if (reason === "revoked" && !reconnect) send({ type: "signed_out", error });
      else fail(error);
    }

    /** A fresh token for the connection as it is; where that can't be, for a new one. */
    async function refresh(mine: number): Promise<void> {
      try {
        // Of another user, it has begun a new attempt by now: see `update`.
        const fresh = await host.auth.token(true);
        if (mine !== attempt) return;
        token = fresh;
        const isTaken = await wire?.refresh(fresh.text, hello?.connection_id ?? "");
        if (isTaken === false && mine === attempt) send({ type: "renew" });
      } catch (thrown) {
        // The server ends the connection when the token ends; then there is another try.
        host.problem(thrown as InkwireError);
      }
    }

    function arm(): void {
      cancelTimer?.();
      let due = state.retryAt ?? NEVER;
      if (state.status === "connecting") due = phaseAt + helloTimeoutMs;
      else if (isUp()) {
        due = aliveAt + patienceMs(hello?.heartbeat_ms, lifecycle.isHidden());
        if (state.failures > 0) due = Math.min(due, phaseAt + STABLE_MS);
      }
      if (due === NEVER) return;
      cancelTimer = clock.after(Math.max(0, due - now()), () => {
        // So late that the machine has slept: what the network has waiting is read before the silence is judged.
        if (now() - due > 2 * GRACE_MS && wire !== undefined) judgeSoon();
        else judge();
      });
    }

    function judgeSoon(isWake?: boolean): void {
      cancelTimer?.();
      if (state.status === "connecting") phaseAt = now();
      cancelTimer = clock.after(GRACE_MS, () => judge(isWake));
    }

    function judge(isWake?: boolean): void {
      if (isUp() && isSilent(isWake)) {
        const error = trouble("connection_silent", "No heartbeat");
        send(isWake === true ? { type: "renew" } : { type: "lost", error });
      } else if (isUp() && now() - phaseAt >= STABLE_MS) send({ type: "stable" });
      else if (state.status === "connecting" && now() - phaseAt >= helloTimeoutMs) {
        fail(trouble("connection_silent", `No hello within ${helloTimeoutMs} ms`));
      } else if (now() >= (state.retryAt ?? NEVER)) send({ type: "due" });
      arm();
    }

    function onLifecycle(event: LifecycleEvent): void {
      const before = state;
      // A restored page opens what it closed; any other `pageshow` is a look at the page.
      if (event === "restore") send({ type: isSuspended ? "connect" : "wake" });
      else send({ type: event });
      isSuspended = event === "suspend" && (isSuspended || state !== before);
      if (event === "wake" && isUp() && isSilent(true)) judgeSoon(true);
    }

    return {
      open() {
        stopLifecycle ??= lifecycle.subscribe(onLifecycle);
        send({ type: "connect" });
      },
      close() {
        stopLifecycle?.();
        stopLifecycle = undefined;
        isSuspended = false;
        send({ type: "close" });
      },
      update() {
        if (wire === undefined) return;
        const wanted = host.topics();
        const isSame = wanted.join() === topics.join();
        topics = wanted;
        if (host.auth.userId !== token?.userId) send({ type: "renew" });
        else if (isSame) return;
        else if (isUp() && wire.subscribe !== undefined) wire.subscribe(wanted);
        else send({ type: "renew" });
      },
    };
  };
}

const goodbyes = {
  drain: "draining",
  expired: "token_expired",
  replaced: "replaced",
  slow: "slow_consumer",
  revoked: "token_invalid",
} as const;
