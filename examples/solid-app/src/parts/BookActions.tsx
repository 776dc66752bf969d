// What can be done with a book as it stands, each with a word when it did not work.
import { requestJson } from "@inkwire/client";
import { passFocus, useClient, useToasts } from "@inkwire/client/solid";
import { isInkwireError } from "@inkwire/core/protocol";
import { useNavigate } from "@solidjs/router";
import { createSignal, For, Show, type JSX } from "solid-js";
import { isRunning, type Book } from "../book.ts";
import { Confirm } from "./Confirm.tsx";
import { sentence } from "./Trouble.tsx";

const FORMATS = { epub: "EPUB", html: "HTML", markdown: "Markdown" } as const;

export function BookActions(props: {
  readonly book: Book;
  readonly changed: () => void;
}): JSX.Element {
  const client = useClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [isBusy, setBusy] = createSignal(false);
  const path = (): string => `api/books/${props.book.book_id}`;

  async function attempt(title: string, doing: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await doing();
    } catch (error) {
      if (!isInkwireError(error)) throw error;
      toasts.show({ type: "error", title, message: sentence(error) });
    } finally {
      setBusy(false);
    }
  }
  const ask = (verb: "pause" | "resume" | "cancel", title: string): void =>
    void attempt(title, async () => {
      const from = client();
      if (from !== undefined) await requestJson(from, `${path()}/${verb}`, { method: "POST" });
      props.changed();
    });
  const remove = (): void =>
    void attempt("The book could not be deleted", async () => {
      const from = client();
      if (from === undefined) return;
      await requestJson(from, path(), { method: "DELETE" });
      navigate("/books", { replace: true });
      toasts.show({ type: "info", title: "Deleted", message: `“${props.book.title}” is gone.` });
    });
  const download = (format: keyof typeof FORMATS): void =>
    void attempt("The file could not be made", async () => {
      const answer = await client()?.request(`${path()}/export?format=${format}`);
      if (answer === undefined) return;
      if (!answer.ok) {
        const { detail } = (await answer.json()) as { detail: string };
        toasts.show({ type: "error", title: "There is no file yet", message: detail });
        return;
      }
      // The API takes a token in a header, which a plain link cannot send.
      const url = URL.createObjectURL(await answer.blob());
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
      Object.assign(document.createElement("a"), { href: url, download: name ?? "book" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });

  let root!: HTMLDivElement;
  const isOpen = (): boolean => !["completed", "cancelled", "failed"].includes(props.book.status);
  return (
    <div
      ref={root}
      class="actions"
      role="group"
      aria-label="What can be done with the book"
      tabindex="-1"
      aria-busy={isBusy()}
    >
      <p class="buttons">
        <Show when={props.book.status !== "completed"}>
          {/* One button, so that it keeps the focus when it becomes the other. */}
          <button
            type="button"
            class="quiet"
            ref={(button) => passFocus(button, () => root)}
            onClick={() =>
              isRunning(props.book)
                ? ask("pause", "It could not be paused")
                : ask("resume", "It could not go on")
            }
          >
            {isRunning(props.book) ? "Pause" : "Go on writing"}
          </button>
        </Show>
        <Show when={isOpen()}>
          <Confirm
            label="Cancel"
            question="Stop writing?"
            yes="Stop writing"
            no="Keep writing"
            onYes={() => ask("cancel", "It could not be cancelled")}
            next={() => root}
          >
            What is written stays, and writing can go on later.
          </Confirm>
        </Show>
        <Show when={!isRunning(props.book)}>
          <Confirm
            label="Delete"
            question={`Delete “${props.book.title}”?`}
            yes="Delete the book"
            no="Keep it"
            onYes={remove}
            next={() => root}
          >
            All its chapters go with it. Nobody can bring it back.
          </Confirm>
        </Show>
      </p>
      <p class="buttons">
        <span class="label">Take it along</span>
        <For each={Object.entries(FORMATS)}>
          {([format, name]) => (
            <button
              type="button"
              class="quiet"
              disabled={props.book.chapters_done === 0}
              onClick={() => download(format as keyof typeof FORMATS)}
            >
              {name}
            </button>
          )}
        </For>
      </p>
    </div>
  );
}
