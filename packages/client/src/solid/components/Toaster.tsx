import type { Toast } from "@inkwire/client";
import { createEffect, For, onCleanup, onMount, Show, type JSX } from "solid-js";
import { useLabels } from "../labels.js";
import { useToasts } from "../primitives/toasts.js";
import { classes, type ComponentProps } from "./common.js";
import { ToastCard } from "./ToastCard.js";

/**
 * The place of the toasts: one on each page. Errors are said at once and stay; all others wait until nothing else is said,
 * and for as long as they take to read. Under a pointer or the focus their time stands still.
 *
 * Alt+T goes there, Escape dismisses and in the end goes back. The focus never goes there by itself.
 */
export function Toaster(props: ComponentProps): JSX.Element {
  const toasts = useToasts();
  const labels = useLabels(props);
  let root!: HTMLElement;
  /** Where the focus was before it came here. */
  let origin: HTMLElement | undefined;
  let isHovered = false;
  let isFocused = false;

  const hold = (): void => (isHovered || isFocused ? toasts.pause() : toasts.resume());

  createEffect(() => {
    if (toasts.visible.length > 0 || !(isHovered || isFocused)) return;
    if (root.contains(document.activeElement)) {
      if (origin === undefined) root.blur();
      else origin.focus();
    }
    // What goes away under a pointer or the focus says no goodbye.
    isHovered = isFocused = false;
    hold();
  });
  onMount(() => {
    const stop = new AbortController();
    document.addEventListener(
      "keydown",
      (event) => {
        if (!event.altKey || event.code !== "KeyT" || toasts.visible.length === 0) return;
        event.preventDefault();
        root.focus();
      },
      { signal: stop.signal },
    );
    onCleanup(() => stop.abort());
  });

  const dismissFocused = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    const id = (event.target as Element).closest<HTMLElement>("[data-id]")?.dataset["id"];
    const isKnown = toasts.visible.some((toast) => toast.id === id);
    const meant = isKnown ? id : toasts.visible[0]?.id;
    if (meant === undefined) return;
    event.stopPropagation();
    toasts.dismiss(meant);
  };
  const list = (isMeant: (toast: Toast) => boolean): JSX.Element => (
    <For each={toasts.visible.filter(isMeant)}>
      {(toast) => (
        <ToastCard
          toast={toast}
          labels={labels}
          dismiss={() => toasts.dismiss(toast.id)}
          next={() => root}
        />
      )}
    </For>
  );
  return (
    <section
      ref={root}
      class={classes("toaster", props)}
      aria-label={labels.toasts}
      tabindex="-1"
      onPointerEnter={() => {
        isHovered = true;
        hold();
      }}
      onPointerLeave={() => {
        isHovered = false;
        hold();
      }}
      onFocusIn={(event) => {
        if (!isFocused && !root.contains(event.relatedTarget as Node | null))
          origin = (event.relatedTarget as HTMLElement | null) ?? undefined;
        isFocused = true;
        hold();
      }}
      onFocusOut={(event) => {
        if (root.contains(event.relatedTarget as Node | null)) return;
        isFocused = false;
        hold();
      }}
      onKeyDown={dismissFocused}
    >
      {/* There from the start, and empty: what comes with its text in it is not said by every screen reader. */}
      <div role="alert" aria-atomic="false">
        {list(({ type }) => type === "error")}
      </div>
      <div role="status" aria-atomic="false">
        {list(({ type }) => type !== "error")}
      </div>
      <Show when={toasts.waiting > 0}>
        <p class="inkwire-muted">{labels.more(toasts.waiting)}</p>
      </Show>
    </section>
  );
}
