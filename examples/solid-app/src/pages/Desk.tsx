import { useBooks, useNotifications } from "@inkwire/client/solid";
import { safeLink } from "@inkwire/client";
import { A } from "@solidjs/router";
import { createMemo, For, Show, type JSX } from "solid-js";
import { cloth, isRunning } from "../book.ts";
import { moment } from "../moment.ts";
import { BookRow } from "../parts/BookRow.tsx";
import { Page } from "../parts/Page.tsx";
import { Trouble } from "../parts/Trouble.tsx";
import { useSession } from "../session.ts";

const SHELF = 12;
const LATELY = 6;

/** The dashboard: what is being written, what stands on the shelf, what has happened. */
export function Desk(): JSX.Element {
  const session = useSession();
  const books = useBooks();
  const inbox = useNotifications();
  const running = createMemo(() => books.books.filter(isRunning));
  const hour = new Date().getHours();
  const greeting =
    hour < 5
      ? "Still up"
      : hour < 12
        ? "Good morning"
        : hour < 18
          ? "Good afternoon"
          : "Good evening";

  return (
    <Page title={`${greeting}, ${session.user()}`} class="desk">
      <Trouble error={books.error} retry={() => books.refresh()} />
      <section aria-labelledby="writing" class="on-the-desk">
        <h2 id="writing">On the desk</h2>
        <Show
          when={running().length > 0}
          fallback={
            <p class="note">
              {books.isLoading ? "Looking…" : "Nothing is being written. "}
              <Show when={!books.isLoading}>
                <A href="/new">Begin a book</A>
              </Show>
            </p>
          }
        >
          <ul class="rows">
            <For each={running()}>{(book) => <BookRow book={book} />}</For>
          </ul>
        </Show>
      </section>

      <section aria-labelledby="shelf">
        <h2 id="shelf">The shelf</h2>
        <Show
          when={books.books.length > 0}
          fallback={
            <p class="shelf empty note">
              {books.isLoading ? "" : "Your first book will stand here."}
            </p>
          }
        >
          <ul class="shelf">
            <For each={books.books.slice(0, SHELF)}>
              {(book) => (
                <li>
                  <A
                    href={`/books/${book.book_id}`}
                    class={`spine ${cloth(book.book_id)}`}
                    style={{
                      "--thick": Math.min(
                        1,
                        Math.sqrt(Math.max(book.words, book.target_words / 4) / 20_000),
                      ),
                      "--tall": ((book.book_id * 37) % 10) / 10,
                    }}
                    data-running={isRunning(book) ? "" : undefined}
                  >
                    <span>{book.title}</span>
                  </A>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <Show when={books.books.length > SHELF || books.next !== undefined}>
          <p>
            <A href="/books">All books</A>
          </p>
        </Show>
      </section>

      <section aria-labelledby="lately">
        <h2 id="lately">Lately</h2>
        <Trouble error={inbox.error} retry={() => inbox.refresh()} />
        <ul class="lately">
          <For
            each={inbox.notifications.slice(0, LATELY)}
            fallback={
              <li class="note">{inbox.isLoading ? "Looking…" : "Nothing has happened yet."}</li>
            }
          >
            {(one) => (
              <li>
                <Show when={one.created_at}>
                  {(at) => <time dateTime={at()}>{moment(new Date(at()))}</time>}
                </Show>
                <p>
                  <Show when={safeLink(one.action_url)} fallback={<b>{one.title}</b>}>
                    {(href) => <A href={href()}>{one.title}</A>}
                  </Show>{" "}
                  {one.message}
                </p>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Page>
  );
}
