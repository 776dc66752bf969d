import { randomUUID } from "node:crypto";
import { systemClock } from "../pipeline/clock.js";
import { createJobs } from "../pipeline/jobs.js";
import type { Job, JobReport } from "../pipeline/types.js";
import { InkwireError, isTopic, userTopic } from "../protocol/index.js";
import type { Author } from "./authors/author.js";
import { createBookReader } from "./book-reader.js";
import { makeBookRecord, type BookRecord } from "./book-record.js";
import { checkSource } from "./check-source.js";
import { createDrafts } from "./drafts.js";
import { exportBook } from "./export-book.js";
import { createBookLedgers } from "./ledger/book-ledgers.js";
import { limitNeedsPrice } from "./ledger/budget-errors.js";
import type { WorkLeft } from "./ledger/estimate.js";
import { createPrices } from "./ledger/prices.js";
import type { BookLimits } from "./ledger/types.js";
import { createBookReporter, isLast } from "./messages.js";
import { OUTLINE_DRAFT } from "./plan-outline.js";
import { createPublisher } from "./publisher.js";
import { parseBookRequest } from "./request.js";
import type { BookAuthors, BooksOptions } from "./service-options.js";
import type { Books } from "./service-types.js";
import { createBookStore } from "./store.js";
import { createBookWork } from "./book-work.js";
import type { BookRequest, Chapter } from "./types.js";
import { makeBookView } from "./view.js";
import { createChapterVersions } from "./versions/chapter-versions.js";
import { publishChapter } from "./versions/publish-chapter.js";
import { createRewriteChapter, isRewriteInput } from "./versions/rewrite-chapter.js";
import { createRewriteGround } from "./versions/rewrite-ground.js";
import { createRewriteReporter } from "./versions/rewrite-messages.js";
import { createVersionStore } from "./versions/version-store.js";
import { createWriteBook } from "./write-book.js";
import { isWriteBookInput, WRITE_BOOK, type WriteBookInput } from "./write-book-input.js";

/**
 * Books of users in one home: created, written as jobs that survive the process, watched over the bus, exported.
 * Several processes may do so with the same home; a book is written by one at a time.
 *
 * Nothing is resumed by itself: call `recover()` for that.
 */
export function createBooks(options: BooksOptions): Books {
  const { home, authors, clock = systemClock, random, uuid = randomUUID } = options;
  const { prices = createPrices() } = options;
  const onProblem = (problem: unknown): void => {
    try {
      options.onProblem?.(problem);
    } catch {
      // Who was to be told has failed itself; nobody is left to tell, and the work goes on.
    }
  };
  const store = createBookStore(home, onProblem);
  const drafts = createDrafts(home, { onProblem });
  const publisher = createPublisher(options.bus, onProblem);
  const ledgers = createBookLedgers({
    home,
    prices,
    now: () => clock.now(),
    onProblem,
  });
  const rewriteReporter = createRewriteReporter({
    publisher,
    totalOf: (job) => ledgers.totalOf(job),
    now: () => clock.now(),
  });
  // Apart from those of the book itself: a chapter that is written again is finished all the while.
  const rewriteDrafts = createDrafts(home, { folder: "rewrites/drafts", onProblem });
  const versionStore = createVersionStore(home, () => clock.now(), onProblem);
  const reporter = createBookReporter({
    publisher,
    totalOf: (job) => ledgers.totalOf(job),
    notifications: options.notifications,
    now: () => clock.now(),
  });
  const tidying = new Set<Promise<void>>();

  const resolve: BookAuthors["resolve"] = async (request, source) => {
    const author = await authors.resolve(request, source);
    return options.coherence === false ? { ...author, facts: undefined, mend: undefined } : author;
  };
  const resolveAuthor = async (record: BookRecord): Promise<Author> =>
    resolve(record.request, record.sourcePaths.length > 0 ? await store.source(record) : undefined);

  const ground = createRewriteGround({
    state: async (owner, bookId) => reader.state(await store.get(owner, bookId)),
    store: versionStore,
    drafts: rewriteDrafts,
    publisher,
  });

  const jobs = createJobs({
    home,
    clock,
    ...(random === undefined ? {} : { random }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    queue: options.queue,
    signals: options.signals,
    pipelines: [
      createWriteBook({
        publisher,
        drafts,
        onWords(jobId, chapter, words) {
          reporter.wrote(jobId, chapter, words);
          ledgers.wrote(jobId, chapter, words);
        },
        onPlanned: (jobId, words) => ledgers.wrote(jobId, "outline", words),
        onRequest: (place, planned, signal) => ledgers.onRequest(place, planned, signal),
        onUsage: (place, spent) => ledgers.onUsage(place, spent),
        onWait: (place, waitMs) => reporter.waits(place, waitMs),
        onRepair(place, repair) {
          ledgers.onRepair(place, repair);
          reporter.repaired(place, repair);
        },
        loadRequest: async (owner, bookId) => (await store.get(owner, bookId)).request,
        async resolveAuthor(owner, bookId) {
          const record = await store.get(owner, bookId);
          const author = await resolveAuthor(record);
          await ledgers.open(record.taskId, record, author);
          return author;
        },
        maxConcurrency: options.maxChaptersAtOnce,
        retry: options.retry,
      }),
      createRewriteChapter({
        publisher,
        drafts: rewriteDrafts,
        onWords: (jobId, chapter, words) => ledgers.wrote(jobId, chapter, words),
        onRequest: (place, planned, signal) => ledgers.onRequest(place, planned, signal),
        onUsage: (place, spent) => ledgers.onUsage(place, spent),
        onWait: (place, waitMs) => rewriteReporter.waits(place, waitMs),
        onRepair(place, repair) {
          ledgers.onRepair(place, repair);
          rewriteReporter.repaired(place, repair);
        },
        load: (owner, input) => ground.load(owner, input),
        keep: (owner, input, chapter) => ground.keep(owner, input, chapter),
        async resolveAuthor(owner, bookId, jobId) {
          const record = await store.get(owner, bookId);
          const author = await resolveAuthor(record);
          await ledgers.open(jobId, record, author);
          return author;
        },
        retry: options.retry,
      }),
    ],
    onReport: take,
    onError: onProblem,
  });
  const work = createBookWork({ jobs, versions: versionStore, locks: home.locks, onProblem });
  const reader = createBookReader({ jobs, drafts, ledgers, versions: versionStore });
  const versions = createChapterVersions({
    store: versionStore,
    load: (owner, id) => store.get(owner, id),
    reader,
    jobs,
    begin: (record, taskId, act) => work.begin(record, taskId, act),
    limit: withLimits,
    estimate: async (record, chapters) =>
      estimated(record.request, await resolveAuthor(record), { chapters, outline: false }),
    onChange: (bookId, chapter) => publishChapter(publisher, bookId, chapter),
  });

  const books: Books = {
    versions,

    async create(owner, input, { source, onId } = {}) {
      assertOwner(owner);
      const asked = parseBookRequest(input);
      if (source !== undefined) checkSource(source);
      const author = await resolve(asked, source);
      await checkLimits(asked, author);
      const id = await store.nextId();
      await onId?.(id);
      const record = makeBookRecord(asked, author, {
        id,
        owner,
        uuid: uuid(),
        createdAtMs: clock.now(),
        sourcePaths: source?.map((file) => file.path) ?? [],
      });
      await store.add(record, source ?? []);
      await enqueue(record);
      return { bookId: id, taskId: record.taskId, status: "queued" };
    },

    async estimate(input, { source } = {}) {
      const asked = parseBookRequest(input);
      if (source !== undefined) checkSource(source);
      const author = await resolve(asked, source);
      await checkLimits(asked, author);
      return estimated(asked, author);
    },

    get: async (owner, id) => view(await store.get(owner, id)),

    owns: (owner, id) => store.has(owner, id),

    list: async (owner) => views(await store.list(owner)),

    async page(owner, { before = Infinity, limit = 20 } = {}) {
      const older = (await store.list(owner)).filter(({ id }) => id < before).toReversed();
      const page = older.slice(0, limit);
      const next = older.length > page.length ? page.at(-1)?.id : undefined;
      return { books: await views(page), next };
    },

    chapter: async (owner, id, number) => reader.chapter(await store.get(owner, id), number),

    async chapters(owner, id) {
      const { chapters } = await reader.state(await store.get(owner, id));
      return [...chapters.values()];
    },

    async cancel(owner, id) {
      const record = await store.get(owner, id);
      await jobs.cancel(record.taskId);
      for (const job of await work.rewritesOf(record)) await jobs.cancel(job.id);
      return view(record);
    },

    async pause(owner, id) {
      const record = await store.get(owner, id);
      if ((await jobs.get(record.taskId)) !== undefined) await jobs.pause(record.taskId);
      return view(record);
    },

    async resume(owner, id, limits = {}) {
      const found = await store.get(owner, id);
      return work.begin(found, undefined, async () => {
        const record = await withLimits(found, limits);
        // A process that ended between storing the book and its job left a book that waits for one.
        if ((await jobs.get(record.taskId)) === undefined) await enqueue(record);
        else await jobs.resume(record.taskId);
        return view(record);
      });
    },

    async remove(owner, id) {
      const record = await store.get(owner, id);
      // Its job first: it is refused while somebody writes.
      if ((await jobs.get(record.taskId)) !== undefined) await jobs.remove(record.taskId);
      for (const job of await work.rewritesOf(record)) await jobs.remove(job.id);
      await drafts.remove(id);
      await rewriteDrafts.remove(id);
      await ledgers.remove(id);
      await versionStore.remove(id);
      await home.locks.forget(`work:${id}`);
      await store.remove(record);
      await publisher.publish(userTopic(owner), "book_deleted", { book_id: id });
    },

    async export(owner, id, format) {
      const record = await store.get(owner, id);
      const source = record.sourcePaths.length > 0 ? await store.source(record) : undefined;
      return exportBook(await reader.state(record), source, format);
    },

    async wait(owner, id) {
      const record = await store.get(owner, id);
      if ((await jobs.get(record.taskId)) !== undefined) await jobs.wait(record.taskId);
      await publisher.settled();
      return view(record);
    },

    async recover(looking) {
      const ids = [];
      for (const taskId of await jobs.recover(looking)) {
        const bookId = bookIdOf(await jobs.get(taskId));
        if (bookId !== undefined) ids.push(bookId);
      }
      return ids;
    },

    async close(closing) {
      await jobs.close(closing);
      await Promise.all(tidying);
      await ledgers.settled();
      await publisher.settled();
    },

    [Symbol.asyncDispose]: () => books.close(),
  };
  return books;

  async function estimated(request: BookRequest, author: Author, left?: WorkLeft) {
    // Loaded here: it needs the prompts, which a reader of books does not.
    const { estimateBook } = await import("./ledger/estimate.js");
    return estimateBook(request, author, prices, left);
  }

  /** @throws InkwireError `invalid_request` for a limit in money where no price is known. */
  async function checkLimits({ maxCostUsd }: BookLimits, { billings = [] }: Author): Promise<void> {
    if (maxCostUsd === undefined) return;
    for (const billing of billings) {
      if ((await prices.tagOf(billing)) === undefined) throw limitNeedsPrice(billing.author);
    }
  }

  /** @throws InkwireError `invalid_request` for a limit that is none. */
  async function withLimits(record: BookRecord, limits: BookLimits): Promise<BookRecord> {
    if (limits.maxCostUsd === undefined && limits.maxTokens === undefined) return record;
    const changed = { ...record, request: parseBookRequest({ ...record.request, ...limits }) };
    await store.update(changed);
    return changed;
  }

  async function view(record: BookRecord) {
    return makeBookView(await reader.state(record));
  }

  async function views(records: readonly BookRecord[]) {
    const made = [];
    for (const record of records) made.push(await view(record));
    return made;
  }

  async function enqueue(record: BookRecord): Promise<void> {
    const { id, owner, taskId, request } = record;
    const input: WriteBookInput = { bookId: id, title: request.title, chapters: request.chapters };
    await jobs.enqueue(WRITE_BOOK, input, { owner, id: taskId });
  }

  function take(report: JobReport): void {
    reporter.report(report);
    rewriteReporter.report(report);
    const { owner, input } = report.job;
    if (isRewriteInput(input) && isLast(report) && report.type !== "completed") {
      tidy(ground.showAgain(owner, input.bookId, input.chapter));
    }
    if (isLast(report)) ledgers.close(report.job.id);
    const bookId = bookIdOf(report.job);
    if (report.type !== "step_finished" || bookId === undefined) return;
    if (report.step.name === "outline") tidy(drafts.remove(bookId, OUTLINE_DRAFT));
    if (report.step.name === "chapter") {
      tidy(drafts.remove(bookId, (report.value as Chapter).number));
    }
  }

  /** The checkpoint is on disk, so the draft has done its service; whether it goes is nobody's concern. */
  function tidy(work: Promise<void>): void {
    const done = work.catch(onProblem).finally(() => tidying.delete(done));
    tidying.add(done);
  }
}

function bookIdOf(job: Job | undefined): number | undefined {
  return isWriteBookInput(job?.input) ? job.input.bookId : undefined;
}

/** Owners are other systems' ids; they stand in topics. */
function assertOwner(owner: string): void {
  if (isTopic(`user/${owner}`)) return;
  throw new InkwireError(
    "invalid_request",
    "owner: expected a user id of 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | + = -",
  );
}
