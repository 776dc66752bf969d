import { bookTopic, type ChapterText } from "../protocol/index.js";
import type { BookPublisher } from "./publisher.js";

// A reader's eye doesn't see less, and a model may send 2,000 tokens a second.
const DEFAULT_GAP_MS = 50;
const BATCH = 4_096;
// Well under MAX_CHAPTER_TEXT, so that text of which JSON escapes every character is no giant message either.
const MAX_PIECE = 16_384;

export interface ChapterTextOptions {
  readonly publisher: BookPublisher;
  readonly bookId: number;
  /** 1-based. */
  readonly chapter: number;
  /** Where the first piece belongs, in UTF-16 units: what comes before it was published earlier. @default 0 */
  readonly offset?: number | undefined;
  /** How long text may wait for more of it. @default 50 */
  readonly gapMs?: number | undefined;
  /** Called with each piece, and where it belongs, right before it goes out. */
  readonly onPiece?: ((text: string, offset: number) => void) | undefined;
}

/** The live text of one attempt at a chapter: many small writes become few `chapter_text` messages. */
export interface ChapterTextStream {
  /** `text` is well-formed: no half of a surrogate pair at its ends. */
  push(text: string): void;
  /** Goes back: the next piece belongs at `offset`, and replaces what was published after it. */
  rewind(offset: number): void;
  /** Sends what is left and resolves when all of it is out. Idempotent. */
  close(): Promise<void>;
}

export function createChapterText(options: ChapterTextOptions): ChapterTextStream {
  const { publisher, bookId, chapter, gapMs = DEFAULT_GAP_MS, onPiece } = options;
  const topic = bookTopic(bookId);
  let pending = "";
  let offset = options.offset ?? 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let closed = false;

  return {
    push(text) {
      if (closed) return;
      pending += text;
      if (pending.length >= BATCH) send();
      else timer ??= setTimeout(send, gapMs);
    },
    rewind(to) {
      pending = pending.slice(0, Math.max(0, to - offset));
      offset = Math.min(offset, to);
    },
    async close() {
      closed = true;
      send();
      await sending;
    },
  };

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    // While one message is on its way the text gathers: a slow bus gets fewer, larger ones.
    sending ??= drain().finally(() => {
      sending = undefined;
    });
  }

  async function drain(): Promise<void> {
    while (pending !== "") {
      const text = pending.slice(0, cutAt(pending));
      pending = pending.slice(text.length);
      onPiece?.(text, offset);
      const data: ChapterText = { book_id: bookId, chapter, offset, text, done: false };
      offset += text.length;
      await publisher.publish(topic, "chapter_text", data);
    }
  }
}

/** Where a piece may end without cutting a surrogate pair in two. */
function cutAt(text: string): number {
  if (text.length <= MAX_PIECE) return text.length;
  return (text.charCodeAt(MAX_PIECE - 1) & 0xfc00) === 0xd800 ? MAX_PIECE - 1 : MAX_PIECE;
}
