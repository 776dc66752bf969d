import type { ConnectionStatus as Status } from "@inkwire/client";
import { createEffect, createSignal, onCleanup, Show, untrack, type JSX } from "solid-js";
import { useConnection, type Connection } from "../primitives/connection.js";
import { useLabels } from "../labels.js";
import { classes, type ComponentProps } from "./common.js";
import { passFocus } from "./focus.js";

export interface ConnectionStatusProps extends ComponentProps {
  /** How long a connection may be gone before this says so, in milliseconds. @default 2_500 */
  readonly patienceMs?: number | undefined;
}

const PATIENCE_MS = 2_500;
/** What most often is over before anybody could do something about it. */
const BRIEF: ReadonlySet<Status> = new Set(["connecting", "catching_up", "waiting", "offline"]);
const STUCK: ReadonlySet<Status> = new Set(["waiting", "offline", "unauthorized", "closed"]);

/** A dot and a word for the state of the connection, calm about short interruptions, and a button where it is stuck. */
export function ConnectionStatus(props: ConnectionStatusProps): JSX.Element {
  const connection = useConnection();
  const labels = useLabels(props);
  const status = calmStatus(connection, () => props.patienceMs ?? PATIENCE_MS);
  let root!: HTMLDivElement;
  return (
    <div ref={root} class={classes("status", props)} data-status={status()} tabindex="-1">
      <span class="inkwire-dot" aria-hidden="true" />
      <span role="status">{labels.connection[status()]}</span>
      <Show when={STUCK.has(status())}>
        <button
          type="button"
          class="inkwire-link"
          ref={(button) => passFocus(button, () => root)}
          onClick={() => connection.connect()}
        >
          {labels.tryAgain}
        </button>
      </Show>
    </div>
  );
}

function calmStatus(connection: Connection, patienceMs: () => number): () => Status {
  const [shown, show] = createSignal(untrack(() => connection.state.status));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  createEffect(() => {
    const { status } = connection.state;
    const isSettled = !BRIEF.has(status);
    if (isSettled) stop();
    // One trouble becomes another at once; only the way from well to ill, and back over `catching_up`, is waited for.
    if (isSettled || (BRIEF.has(untrack(shown)) && status !== "catching_up")) show(status);
    else {
      timer ??= setTimeout(() => {
        timer = undefined;
        show(connection.state.status);
      }, patienceMs());
    }
  });
  onCleanup(stop);
  return shown;
}
