import { useConnection } from "@inkwire/client/solid";
import { Show, type JSX } from "solid-js";

/** At the lower edge, where it pushes nothing away. The region is there from the start, so that its text is said. */
export function OfflineNote(): JSX.Element {
  const connection = useConnection();
  return (
    <div class="offline" role="status">
      <Show when={connection.state.status === "offline"}>
        <p>
          You are offline. What is here stays readable; the rest follows when the network is back.
        </p>
      </Show>
    </div>
  );
}
