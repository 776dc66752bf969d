import { passFocus } from "@inkwire/client/solid";
import type { InkwireError } from "@inkwire/core/protocol";
import { A } from "@solidjs/router";
import { Show, type JSX } from "solid-js";

/** What went wrong, in words, and what can be done about it. */
export function Trouble(props: {
  readonly error: InkwireError | undefined;
  readonly retry?: (() => void) | undefined;
}): JSX.Element {
  return (
    <Show when={props.error}>
      {(error) => (
        <p class="trouble" role="alert">
          {sentence(error())}{" "}
          <Show when={props.retry}>
            {(retry) => (
              <button
                type="button"
                class="quiet"
                ref={(button) => passFocus(button, heading)}
                onClick={() => retry()()}
              >
                Try again
              </button>
            )}
          </Show>
        </p>
      )}
    </Show>
  );
}

/** Once it has gone well, the page begins anew. */
const heading = () => document.querySelector<HTMLElement>("main h1") ?? undefined;

/** A book that was never there, or was deleted meanwhile, and the way on. */
export function Gone(): JSX.Element {
  return (
    <div class="gone" role="alert">
      <p>There is no such book on your shelf. It may have been deleted.</p>
      <p>
        <A href="/books">All books</A>
      </p>
    </div>
  );
}

/** Switch on `code`; `message` is for people, and in the server's words. */
export function sentence({ code, message }: Pick<InkwireError, "code" | "message">): string {
  if (code === "server_unreachable" || code === "token_unavailable")
    return "The server cannot be reached just now. What is here stays.";
  if (code === "rate_limited") return "That was a little fast. Wait a moment.";
  if (code === "not_found") return "There is no such book on your shelf.";
  return message;
}
