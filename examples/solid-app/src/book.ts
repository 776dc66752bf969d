// One book as the server has it, with its chapters; read again whenever a message says that something of it has changed.
import { requestJson, type BookSummary } from "@inkwire/client";
import { useBookGenerationUpdates, useClient } from "@inkwire/client/solid";
import { isInkwireError, type InkwireError } from "@inkwire/core/protocol";
import { createEffect, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

export interface Book extends BookSummary {
  readonly brief: string;
  readonly premise?: string;
  readonly author: { readonly id: string; readonly label: string };
  readonly paused?: { readonly message: string };
  readonly cost_usd?: number;
  readonly chapters: ReadonlyArray<{
    readonly number: number;
    readonly title: string;
    readonly summary: string;
    readonly state: "waiting" | "writing" | "done";
    readonly words: number;
    readonly target_words: number;
  }>;
}

/** A book changes many times a second while three chapters are written at once; nobody reads faster than this. */
const REST_MS = 700;

export function useBook(id: () => number) {
  const client = useClient();
  const progress = useBookGenerationUpdates(id);
  const [state, setState] = createStore<{ book?: Book; error?: InkwireError }>({});
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;

  async function read(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const from = client();
    if (from === undefined) return;
    const wanted = id();
    isReading = true;
    try {
      const book = await requestJson(from, `api/books/${wanted}`);
      if (wanted !== id()) return;
      // Each row keeps its object, and with it its place on the page and its focus.
      setState("book", reconcile(book as unknown as Book, { key: "number" }));
      setState("error", undefined);
    } catch (error) {
      if (!isInkwireError(error)) throw error;
      if (wanted !== id()) return;
      // Deleted, perhaps on another device: it is not to be shown as if it were there.
      if (error.code === "not_found") setState("book", undefined);
      setState("error", error);
    } finally {
      isReading = false;
    }
  }
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (isReading) soon();
      else void read();
    }, REST_MS);
  };

  createEffect(on([client, id], () => void read()));
  createEffect(
    on(() => [progress.update, progress.isStopped, progress.error], soon, { defer: true }),
  );
  onCleanup(() => clearTimeout(timer));

  return {
    get book() {
      return state.book;
    },
    get error() {
      return state.error;
    },
    progress,
    refresh: () => {
      progress.refresh();
      void read();
    },
  };
}

/** In a word or two, for people. */
export function standing({ status, stopped }: Pick<BookSummary, "status" | "stopped">): string {
  if (status === "completed") return "Finished";
  if (status === "failed") return "Failed";
  if (status === "cancelled") return "Cancelled";
  if (stopped) return "Paused";
  return status === "queued" ? "Waiting" : "Being written";
}

export const isRunning = ({ status, stopped }: Pick<BookSummary, "status" | "stopped">): boolean =>
  !stopped && (status === "queued" || status === "processing");

/** Each book is bound in one of six cloths, always the same. */
export const cloth = (bookId: number): string => `cloth-${bookId % 6}`;

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
