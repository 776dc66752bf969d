import type { ChapterTextStream } from "./chapter-text.js";
import type { DraftLog } from "./drafts.js";
import { createTextCleaner } from "./text.js";

export interface ChapterPageOptions {
  /** What is there already. */
  readonly soFar: string;
  readonly draft: DraftLog;
  readonly live: ChapterTextStream;
  /** Given the length that the text would have; what it throws refuses the piece. */
  readonly onLength: (length: number) => void;
}

/** The text of a chapter as it grows: cleaned, drafted, published, and kept, the same in all three places. */
export interface ChapterPage {
  readonly text: string;
  readonly length: number;
  write(piece: string): void;
  /** Lets go of what the cleaner held: half of something that never came whole. */
  settle(): void;
  /** Takes back all after `length`, for everybody. */
  rewind(length: number): void;
  /** Has `text` stand there instead: readers get it from the first difference on. */
  replace(text: string): void;
}

export function createChapterPage({
  soFar,
  draft,
  live,
  onLength,
}: ChapterPageOptions): ChapterPage {
  let pieces = soFar === "" ? [] : [soFar];
  let length = soFar.length;
  let cleaner = createTextCleaner();

  const take = (piece: string): void => {
    if (piece === "") return;
    onLength(length + piece.length);
    // The draft first: whoever reads it finds at least what was published.
    draft.append(length, piece);
    live.push(piece);
    pieces.push(piece);
    length += piece.length;
    if (pieces.length >= 1024) pieces = [pieces.join("")];
  };

  const page: ChapterPage = {
    get text() {
      pieces = [pieces.join("")];
      return pieces[0] ?? "";
    },
    get length() {
      return length;
    },
    write: (piece) => take(cleaner.push(piece)),
    settle() {
      take(cleaner.end());
      cleaner = createTextCleaner();
    },
    rewind(to) {
      if (to >= length) return;
      pieces = [pieces.join("").slice(0, to)];
      length = to;
      cleaner = createTextCleaner();
      draft.append(to, "");
      live.rewind(to);
    },
    replace(text) {
      const old = page.text;
      let same = 0;
      while (same < old.length && old[same] === text[same]) same += 1;
      // Never between the halves of one character.
      if (/[\uD800-\uDBFF]/.test(old[same - 1] ?? "")) same -= 1;
      page.rewind(same);
      page.write(text.slice(same));
      page.settle();
    },
  };
  return page;
}
