import { passFocus, useBooks } from "@inkwire/client/solid";
import { A } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import { BookRow } from "../parts/BookRow.tsx";
import { Page } from "../parts/Page.tsx";
import { Trouble } from "../parts/Trouble.tsx";

/** All books, newest first. Progress and new ones come by messages, to every tab: there is nothing to do for it here. */
export function Books(): JSX.Element {
  const books = useBooks();
  let list: HTMLUListElement | undefined;
  return (
    <Page title="Books">
      <Trouble error={books.error} retry={() => books.refresh()} />
      <Show
        when={books.books.length > 0}
        fallback={
          <p class="note">
            <Show when={!books.isLoading} fallback="Looking along the shelf…">
              There is no book yet. <A href="/new">Begin one</A>
            </Show>
          </p>
        }
      >
        <ul class="rows" ref={list}>
          <For each={books.books}>{(book) => <BookRow book={book} />}</For>
        </ul>
      </Show>
      <Show when={books.next !== undefined}>
        <button
          type="button"
          class="quiet"
          ref={(button) =>
            passFocus(button, () => list?.querySelector<HTMLElement>("li:last-child a"))
          }
          onClick={() => void books.loadMore()}
        >
          Older books
        </button>
      </Show>
    </Page>
  );
}
