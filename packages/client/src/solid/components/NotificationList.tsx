import { safeLink } from "@inkwire/client";
import type { InkwireError } from "@inkwire/core/protocol";
import { For, Show, type JSX } from "solid-js";
import type { Labels } from "../labels.js";
import type { useNotifications } from "../primitives/notifications.js";
import { Cross } from "./Cross.js";
import { passFocus } from "./focus.js";

interface NotificationListProps {
  readonly inbox: ReturnType<typeof useNotifications>;
  readonly labels: Labels;
  /** A link was followed. */
  readonly close: () => void;
}

/** The inbox itself: each with what can be done with it. */
export function NotificationList(props: NotificationListProps): JSX.Element {
  const { inbox, labels } = props;
  let heading!: HTMLParagraphElement;
  // That it failed is in `error`, which is shown.
  const attempt = (doing: Promise<void>): void => void doing.catch(() => undefined);
  return (
    <>
      <div class="inkwire-row">
        <p class="inkwire-title" ref={heading} tabindex="-1">
          {labels.notifications}
        </p>
        <Show when={(inbox.unread ?? 0) > 0}>
          <button
            type="button"
            class="inkwire-link"
            ref={(button) => passFocus(button, () => heading)}
            onClick={() => attempt(inbox.readAll())}
          >
            {labels.markAllRead}
          </button>
        </Show>
      </div>
      <Problem error={inbox.error} labels={labels} retry={inbox.refresh} />
      <Show
        when={inbox.notifications.length > 0}
        fallback={
          <Show when={inbox.error === undefined}>
            <p class="inkwire-muted">{inbox.isLoading ? labels.loading : labels.noNotifications}</p>
          </Show>
        }
      >
        <ul class="inkwire-list">
          <For each={inbox.notifications}>
            {(one) => (
              <li
                ref={(item) => passFocus(item, () => heading)}
                data-type={one.type}
                data-unread={one.read_at === undefined ? "" : undefined}
              >
                <div>
                  <p class="inkwire-title">
                    <Show when={one.read_at === undefined}>
                      <span class="inkwire-hidden">{labels.unread} </span>
                    </Show>
                    <Show when={safeLink(one.action_url)} fallback={one.title}>
                      {(href) => (
                        <a
                          href={href()}
                          onClick={() => {
                            if (one.read_at === undefined) attempt(inbox.read(one.id));
                            props.close();
                          }}
                        >
                          {one.title}
                        </a>
                      )}
                    </Show>
                  </p>
                  <p class="inkwire-message">{one.message}</p>
                  <Show when={one.created_at}>
                    {(at) => (
                      <time class="inkwire-muted" dateTime={at()}>
                        {labels.time(new Date(at()))}
                      </time>
                    )}
                  </Show>
                </div>
                <Show when={one.read_at === undefined}>
                  <button
                    type="button"
                    class="inkwire-icon"
                    aria-label={labels.markRead(one.title)}
                    ref={(button) => passFocus(button, () => nextButton(button) ?? heading)}
                    onClick={() => attempt(inbox.read(one.id))}
                  >
                    <svg
                      viewBox="0 0 16 16"
                      width="16"
                      height="16"
                      aria-hidden="true"
                      class="inkwire-drawn"
                    >
                      <path d="m3 8.5 3.2 3.2L13 5" />
                    </svg>
                  </button>
                </Show>
                <button
                  type="button"
                  class="inkwire-icon"
                  aria-label={labels.remove(one.title)}
                  onClick={() => attempt(inbox.remove(one.id))}
                >
                  <Cross />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={inbox.next !== undefined}>
        <button
          type="button"
          class="inkwire-link"
          ref={(button) => passFocus(button, () => heading)}
          onClick={() => attempt(inbox.loadMore())}
        >
          {labels.loadMore}
        </button>
      </Show>
    </>
  );
}

function Problem(props: {
  readonly error: InkwireError | undefined;
  readonly labels: Labels;
  readonly retry: () => void;
}): JSX.Element {
  return (
    <Show when={props.error !== undefined}>
      <p class="inkwire-problem" role="alert">
        {props.labels.loadFailed}{" "}
        <button type="button" class="inkwire-link" onClick={() => props.retry()}>
          {props.labels.tryAgain}
        </button>
      </p>
    </Show>
  );
}

/** The one beside it, for the keyboard that has just used this one. */
function nextButton(button: HTMLElement): HTMLElement | undefined {
  return (button.nextElementSibling as HTMLElement | null) ?? undefined;
}
