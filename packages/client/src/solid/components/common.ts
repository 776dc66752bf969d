import type { Labels } from "../labels.js";

/** What every component takes. */
export interface ComponentProps {
  /** Beside the component's own class. */
  readonly class?: string | undefined;
  /** What it says, where it is not what the provider's `labels` say. */
  readonly labels?: Partial<Labels> | undefined;
}

/** The classes of a component's outermost element: all of ours have `inkwire`, which the theme is hung on. */
export function classes(name: string, props: ComponentProps): string {
  return `inkwire inkwire-${name}${props.class === undefined ? "" : ` ${props.class}`}`;
}
