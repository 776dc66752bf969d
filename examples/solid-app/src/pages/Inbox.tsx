import { safeLink } from "@inkwire/client";
import { passFocus, useNotifications } from "@inkwire/client/solid";
import { A } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import { moment } from "../moment.ts";
import { Page } from "../parts/Page.tsx";
import { Trouble } from "../parts/Trouble.tsx";

/** What was said to the reader, kept by the server: the same in every tab and on every device. */
export function Inbox(): JSX.Element {
  const inbox = useNotifications();
  const badges = () => inbox.notifications.filter(({ kind }) => kind === "badge");
  let heading!: HTMLHeadingElement;
  // What is asked for shows at once; if the server will not, it is taken back and `error` says why.
  const attempt = (doing: Promise<void>): void => void doing.catch(() => undefined);

  return (
    <Page title="Inbox">
      <Trouble error={inbox.error} retry={() => inbox.refresh()} />
      <Show when={badges().length > 0}>
        <section aria-labelledby="badges">
          <h2 id="badges">Badges</h2>
          <ul class="badges">
            <For each={badges()}>{(badge) => <li title={badge.message}>{badge.title}</li>}</For>
          </ul>
        </section>
      </Show>
      <section aria-labelledby="letters">
        <div class="heading">
          <h2 id="letters" tabindex="-1" ref={heading}>
            Messages
          </h2>
          <Show when={inbox.unread}>
            <button
              type="button"
              class="quiet"
              ref={(button) => passFocus(button, () => heading)}
              onClick={() => attempt(inbox.readAll())}
            >
              Mark all as read
            </button>
          </Show>
        </div>
        <ul class="letters">
          <For
            each={inbox.notifications}
            fallback={<li class="note">{inbox.isLoading ? "Looking…" : "Nothing here yet."}</li>}
          >
            {(one) => (
              <li
                ref={(letter) =>
                  passFocus(letter, () => removeButton(neighbour(letter)) ?? heading)
                }
                data-unread={one.read_at === undefined ? "" : undefined}
              >
                <div>
                  <h3>
                    <Show when={one.read_at === undefined}>
                      <span class="hidden">Unread: </span>
                    </Show>
                    <Show when={safeLink(one.action_url)} fallback={one.title}>
                      {(href) => (
                        <A href={href()} onClick={() => attempt(inbox.read(one.id))}>
                          {one.title}
                        </A>
                      )}
                    </Show>
                  </h3>
                  <p>
                    {one.message}{" "}
                    <Show when={one.created_at}>
                      {(at) => <time dateTime={at()}>{moment(new Date(at()))}</time>}
                    </Show>
                  </p>
                </div>
                <p class="buttons">
                  <Show when={one.read_at === undefined}>
                    <button
                      type="button"
                      class="quiet"
                      ref={(button) => passFocus(button, () => removeButton(button.closest("li")))}
                      onClick={() => attempt(inbox.read(one.id))}
                    >
                      Mark as read<span class="hidden">: {one.title}</span>
                    </button>
                  </Show>
                  <button type="button" class="quiet" onClick={() => attempt(inbox.remove(one.id))}>
                    Remove<span class="hidden">: {one.title}</span>
                  </button>
                </p>
              </li>
            )}
          </For>
        </ul>
        <Show when={inbox.next !== undefined}>
          <button
            type="button"
            class="quiet"
            ref={(button) => passFocus(button, () => heading)}
            onClick={() => attempt(inbox.loadMore())}
          >
            Older messages
          </button>
        </Show>
      </section>
    </Page>
  );
}

/** So that whoever clears up can go on with the same key. */
const removeButton = (letter: Element | null): HTMLElement | null =>
  letter?.querySelector<HTMLElement>(".buttons > :last-child") ?? null;
const neighbour = (letter: Element): Element | null =>
  letter.nextElementSibling ?? letter.previousElementSibling;
