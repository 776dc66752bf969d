import { onCleanup } from "solid-js";

/**
 * When `element` goes away while it has the focus, `next` gets it: a keyboard must not start over at the top. For a `ref`:
 * `<button ref={(button) => passFocus(button, () => heading)}>`.
 *
 * @param next - asked while `element` is still on the page; `undefined` leaves the focus to the browser.
 */
export function passFocus(
  element: HTMLElement,
  next: () => HTMLElement | null | undefined | void,
): void {
  onCleanup(() => {
    if (element.contains(document.activeElement)) next()?.focus();
  });
}
