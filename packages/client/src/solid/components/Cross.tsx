import type { JSX } from "solid-js";

export function Cross(): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="inkwire-drawn">
      <path d="m4 4 8 8m0-8-8 8" />
    </svg>
  );
}
