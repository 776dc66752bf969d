import type { JSX } from "solid-js";

interface BarProps {
  /** 0 to 100; `undefined` while that is not known. */
  readonly percent: number | undefined;
  /** What a screen reader says instead of the number. */
  readonly text: string | undefined;
  /** The `id` of what says what it is the progress of. */
  readonly labelledBy: string;
}

export function Bar(props: BarProps): JSX.Element {
  return (
    <div
      class="inkwire-bar"
      role="progressbar"
      aria-labelledby={props.labelledBy}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow={props.percent}
      aria-valuetext={props.text}
      style={{ "--inkwire-value": (props.percent ?? 0) / 100 }}
      data-unknown={props.percent === undefined ? "" : undefined}
    />
  );
}
