import type { BookSummary } from "@inkwire/client";
import { createUniqueId, For, Show, type JSX } from "solid-js";
import { useLabels, type Labels } from "../labels.js";
import { useBooks } from "../primitives/books.js";
import { Bar } from "./Bar.js";
import { bookView } from "./book-view.js";
import { classes, type ComponentProps } from "./common.js";

export interface ProgressTrackerProps extends ComponentProps {
  /** The page of a book. @default titles are no links */
  readonly href?: ((book: BookSummary) => string) | undefined;
}

/** The books that are being written right now, small enough for a header; nothing while there is none. */
export function ProgressTracker(props: ProgressTrackerProps): JSX.Element {
  const books = useBooks();
  const labels = useLabels(props);
  const running = (): readonly BookSummary[] =>
    books.books.filter(
      ({ status, stopped }) => !stopped && (status === "processing" || status === "queued"),
    );
  return (
    <Show when={running().length > 0}>
      <ul class={classes("tracker", props)} aria-label={labels.inProgress}>
        <For each={running()}>
          {(book) => <TrackedBook book={book} labels={labels} href={props.href?.(book)} />}
        </For>
      </ul>
    </Show>
  );
}

function TrackedBook(props: {
  readonly book: BookSummary;
  readonly labels: Labels;
  readonly href: string | undefined;
}): JSX.Element {
  const titleId = createUniqueId();
  const view = bookView(
    () => props.book,
    () => false,
    () => props.book.title,
    props.labels,
  );
  const text = (): string => {
    const percent = view.percent();
    return percent === undefined ? view.stateText() : props.labels.percent(percent);
  };
  return (
    <li data-status={view.state()}>
      <p class="inkwire-row">
        <Show
          when={props.href}
          fallback={
            <span class="inkwire-title" id={titleId}>
              {view.title()}
            </span>
          }
        >
          {(href) => (
            <a class="inkwire-title" id={titleId} href={href()}>
              {view.title()}
            </a>
          )}
        </Show>
        <span class="inkwire-number">{text()}</span>
      </p>
      <Bar percent={view.percent()} text={text()} labelledBy={titleId} />
    </li>
  );
}
