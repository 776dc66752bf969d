import type { Toast } from "@inkwire/client";
import { Show, type JSX } from "solid-js";
import type { Labels } from "../labels.js";
import { Cross } from "./Cross.js";
import { passFocus } from "./focus.js";

interface ToastCardProps {
  readonly toast: Toast;
  readonly labels: Labels;
  readonly dismiss: () => void;
  /** Who gets the focus when this goes away with it. */
  readonly next: () => HTMLElement | undefined;
}

export function ToastCard(props: ToastCardProps): JSX.Element {
  const { toast, labels } = props;
  const act = (): void => {
    toast.action?.run?.();
    props.dismiss();
  };
  return (
    <div
      class="inkwire-toast"
      data-id={toast.id}
      data-type={toast.type}
      ref={(card) => passFocus(card, () => props.next())}
    >
      <div>
        <p class="inkwire-title">{toast.title}</p>
        <p class="inkwire-message">{toast.message}</p>
        <Show when={toast.startsAt}>
          {(startsAt) => (
            <p class="inkwire-muted">
              {labels.period(
                new Date(startsAt()),
                toast.endsAt === undefined ? undefined : new Date(toast.endsAt),
              )}
            </p>
          )}
        </Show>
        <Show when={toast.action}>
          {(action) => (
            <Show
              when={action().url}
              fallback={
                <button type="button" class="inkwire-link" onClick={act}>
                  {action().label ?? labels.open}
                </button>
              }
            >
              {(url) => (
                <a class="inkwire-link" href={url()} onClick={act}>
                  {action().label ?? labels.open}
                </a>
              )}
            </Show>
          )}
        </Show>
      </div>
      <button
        type="button"
        class="inkwire-icon"
        aria-label={labels.dismiss(toast.title)}
        onClick={() => props.dismiss()}
      >
        <Cross />
      </button>
    </div>
  );
}
