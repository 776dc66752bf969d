import { expect, test } from "vitest";
import { estimateBook } from "../../../src/books/ledger/estimate.js";
import { createPrices, parseOwnPrice } from "../../../src/books/ledger/prices.js";
import { parseBookRequest } from "../../../src/books/request.js";
import type { Billing } from "../../../src/books/ledger/types.js";
import { startPaidServer } from "../../support/llm/paid-server.js";
import { openBooksRoom } from "../support/books-room.js";

const prices = createPrices();
const gpt: Billing = {
  author: "openai:gpt-4.1-mini",
  model: "gpt-4.1-mini",
  endpoint: "https://api.openai.com/v1",
};
const request = (changes: object = {}) =>
  parseBookRequest({ title: "The Tides of Brittany", chapters: 12, ...changes });
const middle = ({ low, high }: { low: number; high: number }) => (low + high) / 2;

test("a range of tokens and dollars is told before anything is asked", async () => {
  const estimate = await estimateBook(request(), { billings: [gpt] }, prices);
  expect(estimate.requests).toEqual({ low: 13, high: 17 });
  // 14,400 words of English are some 19,000 tokens.
  expect(estimate.outputTokens.low).toBeLessThan(19_000);
  expect(estimate.outputTokens.high).toBeGreaterThan(19_000);
  expect(estimate.usd?.low).toBeGreaterThan(0.01);
  expect(estimate.usd?.high).toBeLessThan(1);
  expect(estimate.priceSource).toMatch(/^list price of .* at OpenAI$/);
  expect(estimate.isFree).toBe(false);
});

test("it grows with the words and with the language, and is wide for a model that thinks", async () => {
  const of = async (changes: object, billing = gpt) =>
    estimateBook(request(changes), { billings: [billing] }, prices);
  const english = await of({});
  expect(middle((await of({ words: 28_800 })).outputTokens)).toBeGreaterThan(
    1.6 * middle(english.outputTokens),
  );
  expect(middle((await of({ language: "ru" })).outputTokens)).toBeGreaterThan(
    1.5 * middle(english.outputTokens),
  );
  const thinking = await of({}, { ...gpt, author: "openai:gpt-5", model: "gpt-5" });
  const spread = ({ low, high }: { low: number; high: number }) => high / low;
  expect(spread(thinking.outputTokens)).toBeGreaterThan(2 * spread(english.outputTokens));
});

test("no known price is no price, and nobody to pay is nothing", async () => {
  const unknown = { ...gpt, model: "x-9000" };
  const estimate = await estimateBook(request(), { billings: [unknown] }, prices);
  expect(estimate.usd).toBeUndefined();
  expect(estimate.isFree).toBe(false);
  const local = { author: "local:m", model: "m", endpoint: "http://127.0.0.1:11434/v1" };
  expect(await estimateBook(request(), { billings: [local] }, prices)).toMatchObject({
    usd: { low: 0, high: 0 },
    isFree: true,
  });
  expect(await estimateBook(request(), {}, prices)).toMatchObject({
    usd: { low: 0, high: 0 },
    isFree: true,
    requests: { low: 0, high: 0 },
  });
});

test("what a book then takes lies within the range, and estimating asks nobody", async () => {
  const wordsPerChapter = 108;
  // About what the outline and the chapters of this server would be, on average.
  await using server = await startPaidServer({ usage: { input: 620, output: 250 } });
  await using room = await openBooksRoom(() => server.author());
  const book = { title: "Tides", chapters: 6, words: 6 * wordsPerChapter };
  const estimate = await room.books.estimate(book);
  expect(server.journal).toEqual([]);
  const { bookId } = await room.books.create("ada", book);
  const { ledger } = await room.books.wait("ada", bookId);
  const { requests, outputTokens } = ledger.total;
  expect(requests).toBeGreaterThanOrEqual(estimate.requests.low);
  expect(requests).toBeLessThanOrEqual(estimate.requests.high);
  expect(outputTokens).toBeGreaterThanOrEqual(estimate.outputTokens.low);
  expect(outputTokens).toBeLessThanOrEqual(estimate.outputTokens.high);
});

test("a price of one's own is read strictly", () => {
  expect(parseOwnPrice(" 0.25/2 ")).toEqual({ inputUsd: 0.25, outputUsd: 2 });
  for (const text of ["", "1", "1/", "-1/2", "1e3/2", "$1/$2", "1/2/3", "NaN/1"]) {
    expect(() => parseOwnPrice(text)).toThrow("INKWIRE_PRICE");
  }
});
