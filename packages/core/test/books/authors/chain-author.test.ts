import { expect, it } from "vitest";
import type { Author, AuthorCall } from "../../../src/books/authors/author.js";
import { createChainAuthor } from "../../../src/books/authors/chain-author.js";
import { InkwireError } from "../../../src/protocol/index.js";
import {
  recordedCall,
  sampleOutline,
  sampleRequest,
  sampleTask,
} from "../../support/llm/requests.js";

const down = new InkwireError("provider_unreachable", "One cannot be reached.", {
  retryable: true,
});
const refused = new InkwireError("author_refused_key", "One refused the key (401).");

/** An author that fails as told, and writes its name when it does not. */
function member(
  name: string,
  calls: string[],
  fail: (call: AuthorCall) => void = () => {},
): Author {
  return {
    id: name,
    label: `the model ${name}`,
    concurrency: 2,
    continues: true,
    outline: async (request, call) => {
      calls.push(`${name} outline`);
      fail(call);
      return sampleOutline(request);
    },
    chapter: async ({ soFar = "" }, call) => {
      calls.push(`${name} ${soFar.length}`);
      fail(call);
      call.write(name);
      return { finishReason: "stop" };
    },
  };
}
const throwing = (error: unknown) => () => {
  throw error;
};

it("lets the first one write as long as it can", async () => {
  const calls: string[] = [];
  const chain = createChainAuthor("a,b", "a, else b", [member("a", calls), member("b", calls)]);
  const call = recordedCall();
  await chain.outline(sampleRequest(), call);
  await chain.chapter(sampleTask(), call);
  expect(calls).toEqual(["a outline", "a 0"]);
  expect(call.text).toBe("a");
  expect(chain).toMatchObject({ id: "a,b", concurrency: 2, continues: true });
});

it("falls to the next one at once when a key is refused, says so, and stays there", async () => {
  const calls: string[] = [];
  const chain = createChainAuthor("a,b", "", [
    member("a", calls, throwing(refused)),
    member("b", calls),
  ]);
  const call = recordedCall();
  await chain.chapter(sampleTask(1), call);
  await chain.chapter(sampleTask(2), call);
  expect(calls).toEqual(["a 0", "b 0", "b 0"]);
  expect(call.repairs).toEqual([
    { kind: "author_replaced", message: "One refused the key (401); the model b takes over" },
  ]);
});

it("falls after three failures of one piece of work in a row, and not before", async () => {
  const calls: string[] = [];
  const chain = createChainAuthor("a,b", "", [
    member("a", calls, throwing(down)),
    member("b", calls),
  ]);
  const call = recordedCall();
  for (const chapter of [1, 2, 1, 2]) {
    await expect(chain.chapter(sampleTask(chapter), call)).rejects.toBe(down);
  }
  await chain.chapter(sampleTask(1), call);
  expect(calls).toEqual(["a 0", "a 0", "a 0", "a 0", "a 0", "b 0"]);
  expect(call.repairs).toHaveLength(1);
});

it("never lets the next one begin anew in the middle of what was written", async () => {
  const calls: string[] = [];
  const half = member("a", calls, (call) => {
    call.write("half a ");
    throw refused;
  });
  const chain = createChainAuthor("a,b", "", [half, member("b", calls)]);
  const call = recordedCall();
  await expect(chain.chapter(sampleTask(), call)).rejects.toMatchObject({
    code: "author_refused_key",
    retryable: true,
  });
  await chain.chapter({ ...sampleTask(), soFar: "half a " }, call);
  expect(calls).toEqual(["a 0", "b 7"]);
});

it("takes what ends a request for another reason to nobody else", async () => {
  const calls: string[] = [];
  const budget = new InkwireError("budget_exceeded", "It would cost too much.");
  const chain = createChainAuthor("a,b", "", [
    member("a", calls, throwing(budget)),
    member("b", calls),
  ]);
  await expect(chain.chapter(sampleTask(), recordedCall())).rejects.toBe(budget);
  const call = recordedCall();
  const enough = new Error("enough");
  call.abort(enough);
  await expect(chain.chapter(sampleTask(), call)).rejects.toBe(budget);
  expect(calls).toEqual(["a 0", "a 0"]);
});

it("throws what the last one throws", async () => {
  const calls: string[] = [];
  const chain = createChainAuthor("a,b", "", [
    member("a", calls, throwing(refused)),
    member("b", calls, throwing(down)),
  ]);
  await expect(chain.outline(sampleRequest(), recordedCall())).rejects.toBe(down);
  expect(calls).toEqual(["a outline", "b outline"]);
});
