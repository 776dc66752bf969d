import type { Bus } from "../bus/types.js";
import type { Clock } from "../pipeline/clock.js";
import type { JobsOptions } from "../pipeline/options.js";
import type { RetryOptions } from "../pipeline/types.js";
import type { BookMessages } from "../protocol/index.js";
import type { Home } from "../storage/types.js";
import type { Author } from "./authors/author.js";
import type { Prices } from "./ledger/prices.js";
import type { SourceFile } from "./service-types.js";
import type { BookRequest } from "./types.js";

/** What makes authors: see `createAuthors` for the ones that come with inkwire. */
export interface BookAuthors {
  /**
   * The author of a request, made anew for each run. Its id is kept with the book, and asked for again by a resume.
   *
   * @param source - the book's own Markdown files and pictures, if it was given any.
   * @throws InkwireError `author_unavailable`, `invalid_request`
   */
  resolve(request: BookRequest, source: readonly SourceFile[] | undefined): Promise<Author>;
}

export interface BooksOptions {
  /** Where everything is kept. Closing it is its opener's business, as with the bus. */
  readonly home: Home;
  /** Gets `book_generation_update`, `book_deleted` and `notification` on `user/<owner>`, `chapter_text` on `book/<id>`. */
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  readonly authors: BookAuthors;
  /**
   * Whether the end of a book is also told as a `notification`. Off where `createBookNotifications` tells it, which keeps
   * it in the owner's inbox. @default true
   */
  readonly notifications?: boolean | undefined;
  /** What models cost. @default the list prices of providers, offline: see `createPrices` */
  readonly prices?: Prices | undefined;
  /** Books at once in this process. @default 2 */
  readonly concurrency?: number | undefined;
  /** The line of jobs, which several processes may share; it then has a concurrency of its own. @default one in this process */
  readonly queue?: JobsOptions["queue"];
  /** Tells the other processes of the home at once what they would else find when they look. @default nobody */
  readonly signals?: JobsOptions["signals"];
  /** Chapters of a book at once at most; its author may want fewer. @default 3 */
  readonly maxChaptersAtOnce?: number | undefined;
  /** For the outline and each chapter. */
  readonly retry?: RetryOptions | undefined;
  /**
   * Whether authors that can note what each chapter settles for later ones and mend what the guards find. Two small
   * requests a chapter. @default true
   */
  readonly coherence?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** A number in `[0, 1)`: spreads retries. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes the identifier of a new book. @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
  /**
   * Told what went wrong beside the work, which goes on: a damaged record that was put aside, a message that could not be
   * published, a draft that could not be written. @default nobody
   */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}
