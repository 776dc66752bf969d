export { createAuthors, type Authors, type AuthorsOptions } from "./authors.js";
export type {
  Author,
  AuthorCall,
  ChapterResult,
  ChapterTask,
  FactsTask,
  MendTask,
  SourceNote,
  OutlineDraft,
  SourceNotes,
} from "./authors/author.js";
export { chooseAuthor, type AuthorChoice, type ChooseAuthorOptions } from "./authors/choose.js";
export { createChainAuthor } from "./authors/chain-author.js";
export {
  createAnthropicAuthor,
  type AnthropicAuthorOptions,
} from "./authors/model/providers/anthropic.js";
export { createGgufAuthor, type GgufAuthorOptions } from "./authors/model/providers/gguf.js";
export { createModelAuthor, type ModelAuthorOptions } from "./authors/model/model-author.js";
export { createOpenAIAuthor, type OpenAIAuthorOptions } from "./authors/model/providers/openai.js";
export {
  createOpenAICompatibleAuthor,
  type OpenAICompatibleAuthorOptions,
} from "./authors/model/providers/openai-compatible.js";
export { listAuthors, type AuthorCandidate } from "./authors/list-authors.js";
export type {
  Allowance,
  PlannedRequest,
  RequestPurpose,
  SpentRequest,
} from "./authors/requests.js";
export { createPlanner, type PlannerOptions } from "./authors/planner/planner.js";
export { makeBible, type BibleEntry, type FactSource } from "./bible/bible.js";
export { chapterOrder, dependantsOf } from "./bible/dependencies.js";
export type { BibleFact, FactKind } from "./bible/facts.js";
export { checkChapter, type GuardContext } from "./guards/check-chapter.js";
export type { Finding, FindingKind } from "./guards/finding.js";
export { exportFormats, exporterFor } from "./exporters/exporter-for.js";
export type { Exporter, ExportFormat } from "./exporters/exporter.js";
export type { Repair, RepairKind } from "./repair.js";
export {
  bookRequestDefaults,
  bookRequestLimits,
  bookRequestSchema,
  parseBookRequest,
} from "./request.js";
export { createBooks } from "./service.js";
export type { BookAuthors, BooksOptions } from "./service-options.js";
export type {
  BookFile,
  BookPage,
  BookPageOptions,
  Books,
  CreateBookOptions,
  CreatedBook,
  SourceFile,
} from "./service-types.js";
export type { BookEstimate, Range } from "./ledger/estimate.js";
export { formatUsd } from "./ledger/format-usd.js";
export {
  createPrices,
  parseOwnPrice,
  type OwnPrice,
  type PricesOptions,
  type PriceTag,
  type Prices,
} from "./ledger/prices.js";
export type {
  Billing,
  BookLedger,
  BookLimits,
  LedgerPart,
  LedgerRequest,
  LedgerTotal,
  RequestOutcome,
  TokenCounts,
} from "./ledger/types.js";
export { createSourceNotes, planSource, readSource } from "./source-loader.js";
export type { SourcePlan } from "./source/plan-source.js";
export {
  cleanLine,
  cleanText,
  countWords,
  createTextCleaner,
  slug,
  type TextCleaner,
} from "./text.js";
export type {
  ChapterChange,
  ChapterVersions,
  Regenerated,
  RewriteTask,
  VersionInfo,
} from "./versions/chapter-versions.js";
export type { VersionOrigin } from "./versions/version-store.js";
export type {
  BookDocument,
  BookImage,
  BookRequest,
  BookView,
  Chapter,
  ChapterState,
  Outline,
  OutlineChapter,
  Usage,
} from "./types.js";
