import { createMemo, createUniqueId, Show, type JSX } from "solid-js";
import { useLabels } from "../labels.js";
import { useBookGenerationUpdates } from "../primitives/book-progress.js";
import { Bar } from "./Bar.js";
import { bookView } from "./book-view.js";
import { classes, type ComponentProps } from "./common.js";
import { milestones } from "./milestones.js";

export interface BookGenerationProgressProps extends ComponentProps {
  readonly bookId: number;
  /** @default what the server says */
  readonly title?: string | undefined;
  /**
   * Whether a screen reader hears from it that the book is finished or has failed: `false` where a `Toaster` says so, which
   * would be twice. @default true
   */
  readonly announcesEnd?: boolean | undefined;
  /** Below it, such as what can be done with the book. */
  readonly children?: JSX.Element;
}

/** How far a book is: title, state, bar, what is being done and how long it may take. Milestones are said aloud. */
export function BookGenerationProgress(props: BookGenerationProgressProps): JSX.Element {
  const progress = useBookGenerationUpdates(() => props.bookId);
  const labels = useLabels(props);
  const titleId = createUniqueId();
  // Not every message has it.
  const known = createMemo<{ of: number; title: string | undefined }>((before) => ({
    of: props.bookId,
    title: progress.update?.book_title ?? (before?.of === props.bookId ? before.title : undefined),
  }));
  const book = bookView(
    () => progress.update,
    () => progress.isStopped,
    () => props.title ?? known().title,
    labels,
  );
  const announcement = milestones(book, () => props.announcesEnd ?? true);
  /** And nobody is finding out. */
  const isUnknown = (): boolean => progress.update === undefined && !progress.isLoading;
  const remaining = (): string | undefined => {
    const seconds = progress.update?.eta_seconds;
    return seconds === undefined || book.state() !== "processing"
      ? undefined
      : labels.timeLeft(seconds);
  };
  const facts = (): string => {
    const { words } = progress.update ?? {};
    if (isUnknown()) return "";
    return [book.stateText(), words ? labels.words(words) : undefined, remaining()]
      .filter((fact) => fact !== undefined)
      .join(" · ");
  };
  const percent = (): string => {
    const known = book.percent();
    return known === undefined ? "" : labels.percent(known);
  };
  return (
    <div
      class={classes("book", props)}
      role="group"
      aria-labelledby={titleId}
      data-status={book.state()}
    >
      <p class="inkwire-row">
        <span class="inkwire-title" id={titleId}>
          {book.title()}
        </span>
        <span class="inkwire-number">{percent()}</span>
      </p>
      <Bar
        percent={isUnknown() ? 0 : book.percent()}
        text={percent() || (isUnknown() ? undefined : book.stateText())}
        labelledBy={titleId}
      />
      <p class="inkwire-muted">{facts()}</p>
      <p class="inkwire-message">{progress.update?.error?.message ?? progress.update?.message}</p>
      <Show when={progress.error !== undefined}>
        <p class="inkwire-problem">
          {labels.loadFailed}{" "}
          <button type="button" class="inkwire-link" onClick={() => progress.refresh()}>
            {labels.tryAgain}
          </button>
        </p>
      </Show>
      {props.children}
      <span class="inkwire-hidden" role="status">
        {announcement()}
      </span>
    </div>
  );
}
