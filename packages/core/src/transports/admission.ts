import type { Identity } from "../auth/identity.js";
import type { TopicPolicy } from "../auth/topics.js";
import {
  ALL,
  InkwireError,
  isRefusalCode,
  isTopic,
  userTopic,
  type Cursor,
  type RefusalCode,
  type Topic,
} from "../protocol/index.js";
import type { ResolvedGatewayOptions } from "./options.js";

/** Who may connect, with what, and from where. */
export interface Admission {
  readonly identity: Identity;
  readonly topics: readonly Topic[];
  readonly after: Cursor | undefined;
}

export interface RequestLike {
  readonly headers: { get(name: string): string | null | undefined };
  readonly url: string;
}

/**
 * Decides about a request with this token: who it is, and whether all topics that it asks for are theirs.
 *
 * @throws InkwireError with a code of the refusal table.
 */
export async function admit(
  request: RequestLike,
  token: string | undefined,
  options: ResolvedGatewayOptions,
): Promise<Admission> {
  const identity = await options.verifier.verify(token);
  const query = queryOf(request.url);
  const topics = readTopics(query.getAll("topics"), identity, options.maxTopics);
  const refused = await firstRefused(identity, topics, options.canSubscribe);
  if (refused !== undefined) throw topicForbidden(refused);
  return { identity, topics, after: readCursor(request, query) };
}

export function tooManyConnections(retryAfterMs: number): InkwireError {
  return new InkwireError("too_many_connections", "There are too many connections.", {
    retryable: true,
    retryAfterMs,
  });
}

export function draining(retryAfterMs: number): InkwireError {
  return new InkwireError("draining", "The server is about to stop.", {
    retryable: true,
    retryAfterMs,
  });
}

/** The code that a refused client is told: what is no refusal of ours is our fault, and may work later. */
export function refusalCodeOf(error: unknown): RefusalCode | undefined {
  const code = error instanceof InkwireError ? error.code : undefined;
  return code !== undefined && isRefusalCode(code) ? code : undefined;
}

/** Whether a client is to come back by itself, for something that is no fault of its own. */
export function mustComeBack(error: unknown): error is InkwireError {
  const code = refusalCodeOf(error);
  return code === "draining" || code === "too_many_connections" || code === "auth_unavailable";
}

export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  const end = url.indexOf("#", start);
  return new URLSearchParams(
    start === -1 ? "" : url.slice(start + 1, end === -1 ? undefined : end),
  );
}

/** The header counts first: a native EventSource keeps its address for good, while the header goes on. */
function readCursor({ headers }: RequestLike, query: URLSearchParams): Cursor | undefined {
  const given = headers.get("last-event-id") ?? "";
  const cursor = given === "" ? (query.get("last_event_id") ?? "") : given;
  // Whatever else it is, the history says: it names a place or it does not.
  return cursor === "" ? undefined : cursor;
}

function readTopics(
  given: readonly string[],
  { userId }: Identity,
  maxTopics: number,
): readonly Topic[] {
  const topics = new Set<Topic>([userTopic(userId), ALL]);
  for (const name of given.flatMap((list) => list.split(","))) {
    const topic = name.trim();
    if (topic === "") continue;
    topics.add(checkedTopic(topic));
    if (topics.size > maxTopics) throw tooManyTopics(maxTopics);
  }
  return [...topics];
}

/** @throws InkwireError `bad_request` for what is no topic. */
export function checkedTopic(name: unknown): Topic {
  if (isTopic(name)) return name;
  throw new InkwireError(
    "bad_request",
    `Expected topics such as "book/7", got ${JSON.stringify(String(name).slice(0, 80))}`,
  );
}

function tooManyTopics(maxTopics: number): InkwireError {
  return new InkwireError("bad_request", `Expected at most ${maxTopics} topics.`);
}

/** A topic is one that was checked for its form: the message can hold nothing else. */
function topicForbidden(topic: Topic): InkwireError {
  return new InkwireError("topic_forbidden", `The topic "${topic}" is not yours.`);
}

async function firstRefused(
  identity: Identity,
  topics: readonly Topic[],
  canSubscribe: TopicPolicy,
): Promise<Topic | undefined> {
  for (const topic of topics) {
    const answer = canSubscribe(identity, topic);
    // Most answers come without a promise, and a storm should not pay for any.
    if (answer !== true && (answer === false || !(await answer))) return topic;
  }
  return undefined;
}

/** Parts topics by whether the identity may read them. */
export async function sortByRight(
  identity: Identity,
  topics: readonly Topic[],
  canSubscribe: TopicPolicy,
): Promise<{ readonly allowed: readonly Topic[]; readonly refused: readonly Topic[] }> {
  const allowed: Topic[] = [];
  const refused: Topic[] = [];
  for (const topic of topics) {
    const may = await canSubscribe(identity, topic);
    (may ? allowed : refused).push(topic);
  }
  return { allowed, refused };
}
