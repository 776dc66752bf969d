import { BookGenerationProgress } from "@inkwire/client/solid";
import { A, useParams } from "@solidjs/router";
import { For, Show, type JSX } from "solid-js";
import { cloth, count, isRunning, standing, useBook } from "../book.ts";
import { BookActions } from "../parts/BookActions.tsx";
import { Page } from "../parts/Page.tsx";
import { Gone, Trouble } from "../parts/Trouble.tsx";
import { lastChapter } from "../place.ts";

/** A book's title page: its cover, how far it is, and the contents, which fill while it is written. */
export function BookPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  const id = (): number => Number(params.id);
  const view = useBook(id);
  const isGone = (): boolean => view.error?.code === "not_found";

  return (
    <Page
      title={view.book?.title ?? (isGone() ? "No such book" : "A book")}
      hasHeading
      class="book"
    >
      <Show
        when={view.book}
        fallback={<h1 tabindex="-1">{isGone() ? "No such book" : "Opening the book…"}</h1>}
      >
        {(book) => (
          <div class="spread">
            <div class={`cover ${cloth(id())}`}>
              <h1 tabindex="-1">{book().title}</h1>
              <p>{book().author.label}</p>
            </div>
            <div class="leaf">
              <Show
                when={book().status !== "completed"}
                fallback={
                  <p class="facts">{`${standing(book())} · ${count(book().words, "word")}`}</p>
                }
              >
                <BookGenerationProgress bookId={id()} title={book().title} announcesEnd={false} />
                <Show when={book().paused}>{(why) => <p class="note">{why().message}</p>}</Show>
              </Show>
              <Show when={book().chapters_done > 0 || isRunning(book())}>
                <p>
                  <A class="solid" href={`/books/${id()}/${lastChapter(id())}`}>
                    {lastChapter(id()) > 1 ? "Read on" : isRunning(book()) ? "Read along" : "Read"}
                  </A>
                </p>
              </Show>
              <Show when={book().premise}>{(premise) => <p class="premise">{premise()}</p>}</Show>

              <h2 id="contents">Contents</h2>
              <ol class="contents" aria-labelledby="contents">
                <For
                  each={book().chapters}
                  fallback={
                    <li class="note">The outline comes first. Its chapters will stand here.</li>
                  }
                >
                  {(chapter) => (
                    <li data-state={chapter.state}>
                      <Show
                        when={chapter.state !== "waiting"}
                        fallback={<span>{chapter.title}</span>}
                      >
                        <A href={`/books/${id()}/${chapter.number}`}>{chapter.title}</A>
                      </Show>
                      <span class="dots" aria-hidden="true" />
                      <span class="words">
                        {chapter.state === "waiting"
                          ? "waiting"
                          : chapter.state === "writing"
                            ? "being written"
                            : count(chapter.words, "word")}
                      </span>
                    </li>
                  )}
                </For>
              </ol>
              <BookActions book={book()} changed={view.refresh} />
            </div>
          </div>
        )}
      </Show>
      <Show when={isGone()} fallback={<Trouble error={view.error} retry={view.refresh} />}>
        <Gone />
      </Show>
    </Page>
  );
}
