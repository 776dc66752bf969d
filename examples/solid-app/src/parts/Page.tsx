import { createEffect, onMount, type JSX } from "solid-js";

let isFirst = true;

/**
 * What every page has: a title, in the tab too, and the focus on it once somebody has come here by a link. So a screen
 * reader says where it is, and Tab goes on from there.
 */
export function Page(props: {
  readonly title: string;
  readonly class?: string;
  /** The page shows its own heading, which has to be an h1. */
  readonly hasHeading?: boolean;
  readonly children: JSX.Element;
}): JSX.Element {
  let root!: HTMLDivElement;
  createEffect(() => {
    document.title = `${props.title} · inkwire`;
  });
  arrive(() => root.querySelector("h1") ?? root);
  return (
    <div ref={root} class={`page ${props.class ?? ""}`} tabindex="-1">
      {props.hasHeading === true ? undefined : <h1 tabindex="-1">{props.title}</h1>}
      {props.children}
    </div>
  );
}

/** Gives the focus to where a page begins, unless the browser has just opened it there. */
export function arrive(beginning: () => HTMLElement): void {
  onMount(() => {
    const wasFirst = isFirst;
    isFirst = false;
    if (!wasFirst) queueMicrotask(() => beginning().focus({ preventScroll: true }));
  });
}
