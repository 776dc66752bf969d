import { createSignal, createUniqueId, onCleanup, onMount, Show, type JSX } from "solid-js";
import { useLabels } from "../labels.js";
import { useNotifications } from "../primitives/notifications.js";
import { classes, type ComponentProps } from "./common.js";
import { NotificationList } from "./NotificationList.js";

const MOST = 99;

/** A bell with the number of unread notifications, and the inbox below it. */
export function NotificationBell(props: ComponentProps): JSX.Element {
  const inbox = useNotifications();
  const labels = useLabels(props);
  const [isOpen, setOpen] = createSignal(false);
  const panelId = createUniqueId();
  let root!: HTMLDivElement;
  let button!: HTMLButtonElement;
  const unread = (): number => inbox.unread ?? 0;

  const close = (): void => void setOpen(false);
  onMount(() => {
    const stop = new AbortController();
    const closeOutside = ({ target }: Event): void => {
      if (!root.contains(target as Node)) close();
    };
    document.addEventListener("pointerdown", closeOutside, { signal: stop.signal });
    document.addEventListener("focusin", closeOutside, { signal: stop.signal });
    onCleanup(() => stop.abort());
  });

  return (
    <div
      ref={root}
      class={classes("bell", props)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen()) return;
        event.stopPropagation();
        close();
        button.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="inkwire-icon"
        aria-expanded={isOpen()}
        aria-controls={isOpen() ? panelId : undefined}
        aria-label={unread() > 0 ? labels.notificationsUnread(unread()) : labels.notifications}
        onClick={() => setOpen(!isOpen())}
      >
        <BellIcon />
        <Show when={unread() > 0}>
          <span class="inkwire-badge" aria-hidden="true">
            {unread() > MOST ? `${MOST}+` : unread()}
          </span>
        </Show>
      </button>
      <Show when={isOpen()}>
        <section id={panelId} class="inkwire-panel" aria-label={labels.notifications}>
          <NotificationList inbox={inbox} labels={labels} close={close} />
        </section>
      </Show>
    </div>
  );
}

function BellIcon(): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="inkwire-drawn">
      <path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0" />
    </svg>
  );
}
