import { ConnectionStatus, NotificationBell } from "@inkwire/client/solid";
import { A } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import { createLook, sizes, themes } from "../look.ts";
import { useSession } from "../session.ts";

export function Header(): JSX.Element {
  return (
    <header class="top">
      <A href="/" class="wordmark" end>
        inkwire
      </A>
      <nav aria-label="Pages">
        <A href="/" end>
          Desk
        </A>
        <A href="/books">Books</A>
        <A href="/inbox">Inbox</A>
        <A href="/new">New book</A>
      </nav>
      <div class="tools">
        <ConnectionStatus />
        <NotificationBell />
        <LookMenu />
      </div>
    </header>
  );
}

/** Theme, size of the text, and the way out. `popover` brings Escape, the click outside, and the focus back. */
function LookMenu(): JSX.Element {
  const session = useSession();
  const look = createLook();
  let button!: HTMLButtonElement;
  let menu!: HTMLDivElement;
  /** It would lie over what Tab goes to next. */
  const closeBehind = ({ relatedTarget: next }: FocusEvent): void => {
    if (next instanceof Node && next !== button && !menu.contains(next)) menu.hidePopover();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="aa"
        popovertarget="look"
        aria-label="Reading and account"
        onFocusOut={closeBehind}
      >
        <span aria-hidden="true">Aa</span>
      </button>
      <div ref={menu} id="look" popover class="look" onFocusOut={closeBehind}>
        <Choice name="theme" legend="Theme" all={themes} is={look.theme()} choose={look.setTheme} />
        <Choice name="size" legend="Text" all={sizes} is={look.size()} choose={look.setSize}>
          Aa
        </Choice>
        <p>
          Signed in as <b>{session.user()}</b>
        </p>
        <button type="button" class="quiet" onClick={() => void session.signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}

function Choice<T extends string>(props: {
  readonly name: string;
  readonly legend: string;
  readonly all: readonly T[];
  readonly is: T;
  readonly choose: (one: T) => void;
  /** What shows the choice instead of its name. */
  readonly children?: JSX.Element;
}): JSX.Element {
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      <div class="choices">
        <For each={props.all}>
          {(one) => (
            <label data-choice={one}>
              <input
                type="radio"
                name={props.name}
                checked={props.is === one}
                onChange={() => props.choose(one)}
              />
              <span class={props.children === undefined ? undefined : "hidden"}>{one}</span>
              <Show when={props.children}>
                {(shown) => <span aria-hidden="true">{shown()}</span>}
              </Show>
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
