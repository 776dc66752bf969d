import type { BookSummary } from "@inkwire/client";
import { createComputed, createUniqueId, For, on, Show, type JSX } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { useClient } from "../context.js";
import { useLabels, type Labels } from "../labels.js";
import { useBooks } from "../primitives/books.js";
import { onMessage } from "../primitives/messages.js";
import { Bar } from "./Bar.js";
import { bookView } from "./book-view.js";
import { classes, type ComponentProps } from "./common.js";

/** What the list and a message both know of a book. */
export type TrackedBook = Pick<
  BookSummary,
  "book_id" | "task_id" | "title" | "status" | "progress"
>;

export interface ProgressTrackerProps extends ComponentProps {
  /** The page of a book. @default titles are no links */
  readonly href?: ((book: TrackedBook) => string) | undefined;
}

/**
 * The books that are being written right now, small enough for a header; nothing while there is none. One that stands beyond
 * the first page of the list is there as soon as it is heard of.
 */
export function ProgressTracker(props: ProgressTrackerProps): JSX.Element {
  const books = useBooks();
  const labels = useLabels(props);
  const heard = unlistedBooks(() => books.books);
  const running = (): readonly TrackedBook[] => [
    ...books.books.filter((book) => !book.stopped && isRunning(book)),
    ...heard(),
  ];
  return (
    <Show when={running().length > 0}>
      <ul class={classes("tracker", props)} aria-label={labels.inProgress}>
        <For each={running()}>
          {(book) => <OneBook book={book} labels={labels} href={props.href?.(book)} />}
        </For>
      </ul>
    </Show>
  );
}

const isRunning = ({ status }: Pick<TrackedBook, "status">): boolean =>
  status === "processing" || status === "queued";

/** Books that messages say are being written and that the list has not: it holds the newest ones. */
function unlistedBooks(listed: () => readonly TrackedBook[]): () => readonly TrackedBook[] {
  const client = useClient();
  const labels = useLabels({});
  const [heard, setHeard] = createStore<Record<string, TrackedBook | undefined>>({});
  // What another user's books were doing is nobody's business.
  createComputed(on(client, () => setHeard(reconcile({}))));
  onMessage("book_generation_update", ({ data }) => {
    const { book_id, task_id, status, progress, book_title } = data;
    // Not every message has the title.
    const title = book_title ?? heard[book_id]?.title ?? labels.untitled;
    const book = isRunning(data) ? { book_id, task_id, status, progress, title } : undefined;
    setHeard(`${book_id}`, book);
  });
  return () => {
    const known = new Set(listed().map(({ book_id }) => book_id));
    return Object.values(heard).filter(
      (book) => book !== undefined && !known.has(book.book_id),
    ) as TrackedBook[];
  };
}

function OneBook(props: {
  readonly book: TrackedBook;
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
