import type { Cursor } from "./cursor.js";
import type { SchemaInput, SchemaOutput, StandardSchema } from "./schema.js";
import type { Topic } from "./topic.js";

/** What travels: immutable, the same JSON text on every wire. */
export interface Message<Type extends string = string, Data = unknown> {
  readonly id: Cursor;
  readonly type: Type;
  readonly topic: Topic;
  /** When it was published, ISO 8601 in UTC. */
  readonly time: string;
  readonly data: Data;
}

/**
 * How a type is treated when a reader is slow, in history and on replay:
 * - `durable`: every one;
 * - `latest`: the first and the newest of each key, those between are conflated; `durable(data)` exempts one for good;
 * - `append`: neighbours of one key merge into one, and none of their text is lost; only messages with nothing in between
 *   merge, so that a reader that stops after any of them has everything up to its cursor;
 * - `ephemeral`: dropped first under pressure, and not kept in history.
 */
export type Delivery<Data> =
  | { readonly class: "durable" }
  | LatestDelivery<Data>
  | AppendDelivery<Data>
  | { readonly class: "ephemeral" };

/** How far a message may be merged or left out for a reader that is slow: see {@link Delivery}. */
export type DeliveryClass = Delivery<unknown>["class"];

/** Only the newest message of a key matters: those between the first and the newest may be left out. */
export interface LatestDelivery<Data> {
  readonly class: "latest";
  // Methods, so that a catalog of many types is assignable to `Catalog` (parameters of methods are bivariant).
  key(data: Data): string | number;
  durable?(data: Data): boolean;
}

export interface AppendDelivery<Data> {
  readonly class: "append";
  key(data: Data): string | number;
  /** The one message that says both, or `undefined` when `newer` does not continue `older`. */
  merge(older: Data, newer: Data): Data | undefined;
}

/** What `defineMessage` makes of a type: the schema of its data, and how it is delivered. */
export interface MessageDefinition<S extends StandardSchema = StandardSchema> {
  readonly schema: S;
  readonly delivery: Delivery<SchemaOutput<S>>;
}

/** Types by name: what {@link defineMessages} gives back. */
export type Catalog = Readonly<Record<string, MessageDefinition>>;
/** The names of the messages of a catalog. */
export type MessageType<C extends Catalog> = keyof C & string;
/** What a publisher passes for a type. */
export type MessageInput<C extends Catalog, T extends keyof C> = SchemaInput<C[T]["schema"]>;
/** What a subscriber gets for a type. */
export type MessageData<C extends Catalog, T extends keyof C> = SchemaOutput<C[T]["schema"]>;
/** Every message of a catalog as one union that `switch (message.type)` narrows. */
export type MessageOf<C extends Catalog, T extends MessageType<C> = MessageType<C>> = {
  readonly [K in T]: Message<K, MessageData<C, K>>;
}[T];

/** Types that start so belong to the protocol: publishing one is refused. */
export const RESERVED_PREFIX = "wire.";

/** A validator and a delivery class: one entry of {@link defineMessages}. `delivery` is typed by the schema's output. */
export function defineMessage<const S extends StandardSchema>(
  schema: S,
  delivery: Delivery<SchemaOutput<S>>,
): MessageDefinition<S> {
  return { schema, delivery };
}

const TYPE_NAME = /^[a-z][a-z0-9_.]{0,63}$/;

/**
 * Names the messages of an application, each with a validator (any Standard Schema library) and a delivery class.
 * Data that does not fit is an error at the publisher, never a broken message at a client.
 *
 * ```ts
 * const messages = defineMessages({
 *   order_shipped: defineMessage(v.object({ order: v.number() }), durable()),
 *   parcel_position: defineMessage(position, latest((data) => data.parcel)),
 * });
 * ```
 *
 * @throws TypeError for a name that is not `snake_case`, is over 64 characters, or starts with `wire.`.
 */
export function defineMessages<
  const Schemas extends Readonly<Record<string, StandardSchema>>,
>(definitions: {
  readonly [T in keyof Schemas]: MessageDefinition<Schemas[T]>;
}): { readonly [T in keyof Schemas]: MessageDefinition<Schemas[T]> } {
  for (const type of Object.keys(definitions)) {
    if (!TYPE_NAME.test(type) || type.startsWith(RESERVED_PREFIX)) {
      throw new TypeError(
        `Expected a message type in snake_case of at most 64 characters that does not start with "${RESERVED_PREFIX}", got ${JSON.stringify(type)}`,
      );
    }
  }
  return Object.freeze({ ...definitions });
}

/** Every message arrives. What one may not miss: a notification, an end. */
export const durable = (): { readonly class: "durable" } => ({ class: "durable" });
/** Dropped first under pressure, and never replayed. What is worthless a moment later: a cursor, a hint. */
export const ephemeral = (): { readonly class: "ephemeral" } => ({ class: "ephemeral" });

/** First and newest of each key; `options.durable` names those that are never conflated, such as a terminal state. */
export function latest<Data>(
  key: (data: Data) => string | number,
  options: { readonly durable?: (data: Data) => boolean } = {},
): LatestDelivery<Data> {
  return { class: "latest", key, ...options };
}

/** Neighbours of one key become one message through `merge`. */
export function append<Data>(
  key: (data: Data) => string | number,
  merge: (older: Data, newer: Data) => Data | undefined,
): AppendDelivery<Data> {
  return { class: "append", key, merge };
}
