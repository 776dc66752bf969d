export type { TokenAlgorithm } from "./auth/algorithms.js";
export { requireScope, type Identity } from "./auth/identity.js";
export {
  createTokenIssuer,
  type TokenIssuer,
  type TokenIssuerOptions,
  type TokenRequest,
} from "./auth/issuer.js";
export type { TokenVerifierOptions } from "./auth/options.js";
export type { KeySetOptions } from "./auth/remote-keys.js";
export {
  readToken,
  readWebSocketToken,
  redactUrl,
  type TokenRequestLike,
  type TokenSourceOptions,
} from "./auth/token-sources.js";
export {
  canSubscribe,
  createTopicPolicy,
  type TopicPolicy,
  type TopicPolicyOptions,
} from "./auth/topics.js";
export { createTokenVerifier, type TokenVerifier } from "./auth/verifier.js";
export { createBus, type BusOptions } from "./bus/bus.js";
export { createMemoryHistory, type MemoryHistoryOptions } from "./bus/memory-history.js";
export type {
  Adopt,
  Attachable,
  Attachment,
  BreakListener,
  Bus,
  BusStats,
  Draft,
  Envelope,
  History,
  HistoryStats,
  Receiver,
  Replay,
  Resume,
  Seal,
  SubscribeOptions,
  Subscription,
} from "./bus/types.js";
export type { CompletedBook, UserAchievements } from "./notifications/achievements.js";
export type { NewAnnouncement, NewMaintenance } from "./notifications/announcement.js";
export {
  defaultBadges,
  defineBadges,
  type Badge,
  type BadgeRule,
  type UserStats,
} from "./notifications/badges.js";
export {
  createBookNotifications,
  type BookNotifications,
  type BookNotificationsOptions,
  type BookState,
} from "./notifications/book-notifications.js";
export type { Inbox, InboxListOptions, InboxPage } from "./notifications/inbox.js";
export type { NewNotification, NotificationText } from "./notifications/notification.js";
export { createNotifier, type Notifier } from "./notifications/notifier.js";
export type { NotifierOptions } from "./notifications/options.js";
export { definePipeline, type PipelineOptions } from "./pipeline/define.js";
export { createJobs } from "./pipeline/jobs.js";
export type { Clock } from "./pipeline/clock.js";
export type { JobsOptions } from "./pipeline/options.js";
export type { AnyPipeline } from "./pipeline/pipelines.js";
export type {
  DoneItems,
  EnqueueOptions,
  Job,
  JobQueue,
  JobReport,
  Jobs,
  JobStatus,
  MapOptions,
  Pipeline,
  PlannedStep,
  RetryOptions,
  Run,
  StepCall,
  StepOptions,
  StepRef,
} from "./pipeline/types.js";
export { createMemoryHome, openHome } from "./storage/home.js";
export type { Damage } from "./storage/quarantine.js";
export { createRecords, type Records, type RecordsOptions } from "./storage/records.js";
export type { Home, Lease, Locks } from "./storage/types.js";
export { createGateway } from "./transports/gateway.js";
export type { GatewayOptions } from "./transports/options.js";
export type {
  CloseReason,
  ConnectionCounts,
  ConnectionInfo,
  Connections,
  Gateway,
  GatewayEvent,
  GatewayStats,
  NodeExchange,
  TransportName,
  WebSocketAdapterOptions,
} from "./transports/types.js";
