import { systemClock } from "../connection/lifecycle.js";
import { bookTopic, type ChapterText } from "@inkwire/core/protocol";
import {
  createReplica,
  type ReadOptions,
  type ReadState,
  type ReadStore,
  type StoreClient,
} from "./replica.js";
import { unexpected } from "./request-json.js";

export interface ChapterTextState extends ReadState {
  readonly title: string | undefined;
  /** Markdown, a model's: untrusted. Kept while it is read again. */
  readonly text: string;
  /** Nothing more will come: `text` is the chapter, to the character. */
  readonly isDone: boolean;
}

interface State extends ChapterTextState {
  /** How far the stream has come, in UTF-16 units: behind the text while it repeats what an answer had already. */
  readonly at: number;
  /** The text is an answer's, and what the stream says next may be in it. */
  readonly isRepeating: boolean;
}

/** What repeats an answer and then stops was perhaps another attempt, which began like the one before. */
const QUIET_MS = 1_000;

/**
 * The text of a chapter while it is written, joined by offset (docs/protocol.md, "Chapter text").
 *
 * Read from its beginning each time: a gap may hide that the chapter started over, and then what is here is of an attempt
 * that was given up, also where its length fits.
 */
export function createChapterText(
  client: StoreClient,
  bookId: number,
  chapter: number,
  options?: ReadOptions,
): ReadStore<ChapterTextState> {
  const topic = bookTopic(bookId);
  const unsubscribe = client.subscribe([topic]);
  const replica = createReplica<State>(client, {
    ...options,
    path: () => `api/books/${bookId}/chapters/${chapter}`,
    types: ["chapter_text", "book_deleted"],
    concerns: (other) => other === topic,
    initial: { title: undefined, text: "", isDone: false, at: 0, isRepeating: false },
    take(state, { title, text, offset, done }) {
      if (typeof text !== "string" || offset !== 0) throw unexpected("chapter");
      return {
        ...state,
        title: typeof title === "string" ? title : undefined,
        text,
        isDone: done === true,
        at: text.length,
        isRepeating: true,
      };
    },
    apply(state, { type, data }) {
      const piece = data as ChapterText;
      if (piece.book_id !== bookId) return state;
      // Reading it says the rest: `not_found`. What is on the screen stays.
      if (type === "book_deleted") return undefined;
      return piece.chapter === chapter ? join(state, piece) : state;
    },
  });
  const { clock = systemClock } = options ?? {};
  let cancel: (() => void) | undefined;
  replica.subscribe(({ text, at }) => {
    cancel?.();
    cancel = at < text.length ? clock.after(QUIET_MS, replica.refresh) : undefined;
  });
  return {
    ...replica,
    close() {
      cancel?.();
      replica.close();
      unsubscribe();
    },
  };
}

/** `undefined` where something is missing. */
function join(state: State, { offset, text: piece, done }: ChapterText): State | undefined {
  const { text, at } = state;
  if (!(offset >= 0 && offset <= at)) return undefined;
  const end = offset + piece.length;
  // The first after an answer may begin anywhere in it, those that follow where it ends. Nothing on the screen moves.
  const isRepeated =
    state.isRepeating &&
    !done &&
    (at === text.length || offset === at) &&
    text.startsWith(piece, offset);
  if (isRepeated) return { ...state, at: end, isRepeating: end < text.length };
  return {
    ...state,
    text: text.slice(0, offset) + piece,
    isDone: done,
    at: end,
    isRepeating: false,
  };
}
