import { passFocus, useChapterText } from "@inkwire/client/solid";
import { A, useParams } from "@solidjs/router";
import { createEffect, createMemo, For, on, Show, type JSX } from "solid-js";
import { useBook } from "../book.ts";
import { splitBlocks } from "../parts/blocks.ts";
import { Page } from "../parts/Page.tsx";
import { Prose } from "../parts/Prose.tsx";
import { Gone, Trouble } from "../parts/Trouble.tsx";
import { createFollow, createPlace } from "../place.ts";

/** One chapter, also while it is being written: everybody sees the same text, whenever they came. */
export function Reader(): JSX.Element {
  const params = useParams<{ id: string; chapter: string }>();
  // Another chapter is another page: its place, its following, its focus begin anew.
  return (
    <Show when={`${params.id}/${params.chapter}`} keyed>
      {(_place) => <ChapterPage id={Number(params.id)} number={Number(params.chapter)} />}
    </Show>
  );
}

function ChapterPage(props: { readonly id: number; readonly number: number }): JSX.Element {
  const view = useBook(() => props.id);
  const chapter = useChapterText(
    () => props.id,
    () => props.number,
  );
  const blocks = createMemo(() => splitBlocks(chapter.text));
  const heading = (): string | undefined =>
    chapter.title ?? view.book?.chapters[props.number - 1]?.title;
  const isWriting = (): boolean => !chapter.isDone && chapter.text !== "";
  const near = (step: number) => view.book?.chapters[props.number - 1 + step];

  let text!: HTMLDivElement;
  let end!: HTMLDivElement;
  const place = createPlace(
    () => text,
    () => props.id,
    () => props.number,
  );
  const follow = createFollow(() => end);
  let hasPlace = false;
  createEffect(
    on([() => chapter.text, () => chapter.isLoading], ([written, isLoading]) => {
      if (written === "" || isLoading) return;
      if (!hasPlace) {
        hasPlace = true;
        // Whoever comes while it is being written, and has read nothing of it, sees it being written.
        if (!place.restore() && !chapter.isDone) follow.follow();
      }
      follow.grown();
    }),
  );

  return (
    <Page title={heading() ?? `Chapter ${props.number}`} hasHeading class="reader">
      <details class="toc">
        <summary>{view.book?.title ?? "\u00a0"}</summary>
        <nav aria-label="Contents">
          <ol>
            <For each={view.book?.chapters}>
              {(one) => (
                <li>
                  <Show
                    when={one.state !== "waiting"}
                    fallback={<span class="note">{one.title}</span>}
                  >
                    <A href={`/books/${props.id}/${one.number}`}>{one.title}</A>
                  </Show>
                </li>
              )}
            </For>
          </ol>
          <A href={`/books/${props.id}`} end>
            Title page
          </A>
        </nav>
      </details>
      <article>
        <header>
          <p class="number">Chapter {props.number}</p>
          {/* Its line is kept until it is known, so that nothing moves then. */}
          <h1 tabindex="-1">{heading() ?? "\u00a0"}</h1>
        </header>
        <Show
          when={chapter.error?.code === "not_found"}
          fallback={<Trouble error={chapter.error} retry={() => chapter.refresh()} />}
        >
          <Gone />
        </Show>
        <div ref={text} class="text" aria-busy={isWriting()}>
          <Prose blocks={blocks()} chapterUrl={(number) => `/books/${props.id}/${number}`} />
        </div>
        <div ref={end} class="end" tabindex="-1">
          <Show when={isWriting()}>
            <span class="pen" aria-hidden="true" />
          </Show>
        </div>
        <Show when={chapter.text === "" && chapter.error === undefined}>
          <p class="note">{chapter.isLoading ? "Opening…" : "This chapter has not been begun."}</p>
        </Show>
        <p class="hidden" role="status">
          {chapter.isDone
            ? "The chapter is finished."
            : isWriting()
              ? "The chapter is being written."
              : ""}
        </p>
        <Show when={chapter.isDone}>
          <nav class="turn" aria-label="Chapters">
            <Show when={near(-1)} fallback={<span />}>
              {(one) => (
                <A href={`/books/${props.id}/${one().number}`} rel="prev">
                  <small>Before</small> {one().title}
                </A>
              )}
            </Show>
            <Show
              when={near(1)}
              fallback={
                <A href={`/books/${props.id}`}>
                  <small>The end</small> {view.book?.title}
                </A>
              }
            >
              {(one) => (
                <Show
                  when={one().state !== "waiting"}
                  fallback={
                    <span class="note">
                      <small>Next</small> {one().title}, not begun yet
                    </span>
                  }
                >
                  <A href={`/books/${props.id}/${one().number}`} rel="next">
                    <small>Next</small> {one().title}
                  </A>
                </Show>
              )}
            </Show>
          </nav>
        </Show>
      </article>
      <Show when={isWriting() && !follow.isFollowing()}>
        <button
          type="button"
          class="solid jump"
          ref={(button) => passFocus(button, () => end.focus({ preventScroll: true }))}
          onClick={() => follow.follow()}
        >
          Jump to the end
        </button>
      </Show>
    </Page>
  );
}
