import type { Connection, ConnectionFactory } from "../connection/types.js";
import type { ConnectionState } from "../types.js";
import type { TabEnvironment } from "./environment.js";
import { joinGroup, type Member } from "./member.js";

/**
 * One connection for all tabs of a user: the same interface as the connection that it shares.
 *
 * A tab that does not know who it is (no token, or one that names nobody), or whose topics are refused, connects alone,
 * and looks again when it is asked to connect.
 */
export function shareConnection(
  connect: ConnectionFactory,
  environment: TabEnvironment & { readonly base: URL },
): ConnectionFactory {
  const { lifecycle, clock } = environment;
  return (host): Connection => {
    let isOpen = false;
    let isSuspended = false;
    let attempt = 0;
    let member: Member | undefined;
    let userId: string | undefined;
    let alone: Connection | undefined;
    let status: ConnectionState["status"] = "idle";
    let stopLifecycle: (() => void) | undefined;

    const report = (state: ConnectionState): void => {
      status = state.status;
      host.report(state);
    };
    const say = (next: ConnectionState["status"]): void =>
      report({ status: next, since: clock.now(), failures: 0 });

    function leave(): void {
      attempt += 1;
      member?.leave();
      alone?.close();
      member = alone = undefined;
    }

    function goAlone(isFinal: boolean): void {
      leave();
      alone = connect({
        ...host,
        report(state) {
          report(state);
          // Now it knows who it is.
          const isUp = state.status === "live" || state.status === "catching_up";
          if (isUp && !isFinal && host.auth.userId !== undefined) void begin();
        },
      });
      alone.open();
    }

    async function begin(): Promise<void> {
      leave();
      const mine = attempt;
      if (status === "idle" || status === "closed") say("connecting");
      try {
        userId = (await host.auth.token(false)).userId;
      } catch {
        userId = undefined;
      }
      if (mine !== attempt) return;
      // A connection of its own knows what to do about a token that can't be had.
      if (userId === undefined) return goAlone(false);
      member = joinGroup({
        ...environment,
        userId,
        host: { ...host, report },
        connect,
        onRefused: () => goAlone(true),
      });
    }

    function onLifecycle(event: string): void {
      if (event === "suspend" && !isSuspended) {
        isSuspended = true;
        leave();
        say("idle");
      } else if (event === "restore" && isSuspended) {
        isSuspended = false;
        void begin();
      } else if (event === "wake" || event === "restore") member?.wake();
    }

    return {
      open() {
        stopLifecycle ??= lifecycle.subscribe(onLifecycle);
        const isGoing = isOpen && (member !== undefined || status === "connecting");
        isOpen = true;
        if (member !== undefined) member.wake();
        else if (alone !== undefined && (status === "live" || status === "catching_up")) return;
        else if (!isGoing) void begin();
      },
      close() {
        isOpen = false;
        isSuspended = false;
        stopLifecycle?.();
        stopLifecycle = undefined;
        leave();
        say("closed");
      },
      update() {
        if (member !== undefined && host.auth.userId !== userId) void begin();
        else (member ?? alone)?.update();
      },
    };
  };
}
