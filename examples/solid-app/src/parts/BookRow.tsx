import type { BookSummary } from "@inkwire/client";
import { A } from "@solidjs/router";
import { Show, type JSX } from "solid-js";
import { cloth, count, isRunning, standing } from "../book.ts";

/** A book in a list: its cloth, its title, how it stands, and how far it is while somebody writes. */
export function BookRow(props: { readonly book: BookSummary }): JSX.Element {
  const facts = (): string => {
    const { book } = props;
    const chapters = book.chapter_count > 0 ? count(book.chapter_count, "chapter") : undefined;
    return [standing(book), chapters, count(book.words, "word")]
      .filter((fact) => fact !== undefined)
      .join(" · ");
  };
  return (
    <li class="book-row">
      <span class={`swatch ${cloth(props.book.book_id)}`} aria-hidden="true" />
      <div>
        <A href={`/books/${props.book.book_id}`} class="title">
          {props.book.title}
        </A>
        <p class="facts">{facts()}</p>
      </div>
      <span class="percent">
        <Show when={isRunning(props.book)}>{Math.floor(props.book.progress)} %</Show>
      </span>
      <Show when={isRunning(props.book)}>
        <div class="ink" style={{ "--done": props.book.progress / 100 }} aria-hidden="true" />
      </Show>
    </li>
  );
}
