import * as v from "valibot";
import { expectTypeOf } from "vitest";
import { createBus } from "../../src/index.js";
import {
  bookMessages,
  defineMessage,
  defineMessages,
  durable,
  latest,
  type MessageOf,
} from "../../src/protocol/index.js";

// Checked by the compiler: what stands below `@ts-expect-error` must not compile.

const messages = defineMessages({
  ...bookMessages,
  order_shipped: defineMessage(v.object({ order: v.number() }), durable()),
  parcel_position: defineMessage(
    v.object({ parcel: v.string(), km: v.number() }),
    latest((data) => {
      expectTypeOf(data).toEqualTypeOf<{ parcel: string; km: number }>();
      return data.parcel;
    }),
  ),
});
const bus = createBus({ messages });

expectTypeOf(await bus.publish("user/42", "order_shipped", { order: 7 })).toEqualTypeOf<
  MessageOf<typeof messages, "order_shipped">
>();
expectTypeOf<MessageOf<typeof messages, "order_shipped">["data"]>().toEqualTypeOf<{
  order: number;
}>();

for await (const message of bus.subscribe(["user/42"])) {
  if (message.type === "parcel_position")
    expectTypeOf(message.data).toEqualTypeOf<{ parcel: string; km: number }>();
  if (message.type === "book_generation_update")
    expectTypeOf(message.data.progress).toEqualTypeOf<number>();
  // @ts-expect-error -- a type that no catalog names
  if (message.type === "order_lost") break;
}

// @ts-expect-error -- the data of another type
void bus.publish("user/42", "order_shipped", { parcel: "a", km: 1 });
// @ts-expect-error -- a field is missing
void bus.publish("user/42", "parcel_position", { parcel: "a" });
// @ts-expect-error -- no such type
void bus.publish("user/42", "order_lost", { order: 7 });
// @ts-expect-error -- no topic
void bus.publish("everybody", "order_shipped", { order: 7 });
const noKey = (): object => ({});
// @ts-expect-error -- a key is text or a number
latest(noKey);
