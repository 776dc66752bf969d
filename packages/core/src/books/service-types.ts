import type { ExportFormat } from "./exporters/exporter.js";
import type { BookEstimate } from "./ledger/estimate.js";
import type { BookLimits } from "./ledger/types.js";
import type { ChapterVersions } from "./versions/chapter-versions.js";
import type { BookView, Chapter } from "./types.js";

/** A file made of a book. */
export interface BookFile {
  /** A safe file name with its extension, from the title, such as `the-tides-of-brittany.epub`. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A book that was accepted and waits for its turn. */
export interface CreatedBook {
  readonly bookId: number;
  readonly taskId: string;
  readonly status: "queued";
}

/** A Markdown source that becomes, or informs, a book. */
export interface SourceFile {
  /** Relative to the root that was given, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface CreateBookOptions {
  readonly source?: readonly SourceFile[] | undefined;
  /**
   * Told the number of the new book before anything of it is stored, so that a caller who writes it down first finds out
   * after a crash whether the book came to be. What it throws ends the call.
   */
  readonly onId?: ((id: number) => void | Promise<void>) | undefined;
}

export interface BookPageOptions {
  /** `next` of the page before. @default the newest */
  readonly before?: number | undefined;
  /** @default 20 */
  readonly limit?: number | undefined;
}

export interface BookPage {
  readonly books: readonly BookView[];
  /** Where the next page begins; `undefined` on the last one. */
  readonly next: number | undefined;
}

/** Books of users: every call names the owner, and another's book is `not_found`. */
export interface Books extends AsyncDisposable {
  /**
   * Checks the request, stores the book and puts its job in line.
   *
   * @throws InkwireError `invalid_request` that names the field.
   */
  create(owner: string, request: unknown, options?: CreateBookOptions): Promise<CreatedBook>;
  /**
   * What a book would likely take, before anything is spent: a range, as nobody can know.
   *
   * @throws InkwireError as `create`.
   */
  estimate(
    request: unknown,
    options?: { readonly source?: readonly SourceFile[] | undefined },
  ): Promise<BookEstimate>;
  get(owner: string, id: number): Promise<BookView>;
  /** Whether there is such a book and it is this owner's; cheaper than `get`. */
  owns(owner: string, id: number): Promise<boolean>;
  /** All of them, oldest first. */
  list(owner: string): Promise<BookView[]>;
  /** Newest first, a page at a time: what comes or goes meanwhile moves nothing. */
  page(owner: string, options?: BookPageOptions): Promise<BookPage>;
  /** The text so far: all of it when `done`. */
  chapter(
    owner: string,
    id: number,
    number: number,
  ): Promise<{ readonly title: string; readonly text: string; readonly done: boolean }>;
  chapters(owner: string, id: number): Promise<Chapter[]>;
  cancel(owner: string, id: number): Promise<BookView>;
  /**
   * Lets what is being written come to its end, and begins nothing further, until `resume`. The book keeps its status;
   * its view says `stopped`, and why in `paused`. One that has ended stays as it is.
   */
  pause(owner: string, id: number): Promise<BookView>;
  /** Goes on with a book that stopped. Its limits hold for all its runs together; those that are given replace its own. */
  resume(owner: string, id: number, limits?: BookLimits): Promise<BookView>;
  /** Deletes a book that nobody writes, for good, and tells its owner's devices so. */
  remove(owner: string, id: number): Promise<void>;
  /** Versions of chapters: edit, compare, go back. */
  readonly versions: ChapterVersions;
  /** A half-written book exports too, marked as such; one without any chapter is refused with `conflict`. */
  export(owner: string, id: number, format: ExportFormat): Promise<BookFile>;
  /** Resolves when the job has ended or was interrupted in this process. */
  wait(owner: string, id: number): Promise<BookView>;
  /**
   * Goes on with every unfinished book that no living process works on.
   *
   * @param options.everyMs - how often to look again until the books are closed, in milliseconds; `null`: never. @default null
   */
  recover(options?: { readonly everyMs?: number | null | undefined }): Promise<number[]>;
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}
