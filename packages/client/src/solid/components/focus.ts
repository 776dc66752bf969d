import { onCleanup } from "solid-js";

/** When `element` goes away while it has the focus, `next` gets it: a keyboard must not start over at the top. */
export function passFocus(element: HTMLElement, next: () => HTMLElement | undefined): void {
  onCleanup(() => {
    if (element.contains(document.activeElement)) next()?.focus();
  });
}
