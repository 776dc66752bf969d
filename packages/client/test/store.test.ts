import { expect, it, vi } from "vitest";
import { createStore } from "../src/store.js";

it("tells every listener each change, and nothing at once or for the same value", () => {
  const store = createStore(1);
  const heard: number[] = [];
  store.subscribe((value) => heard.push(value));
  store.subscribe((value) => heard.push(value * 10));
  store.set(1);
  expect(heard).toEqual([]);
  store.set(2);
  expect(heard).toEqual([2, 20]);
  expect(store.get()).toBe(2);
});

it("stops one subscription at a time, also of one function subscribed twice, and twice without harm", () => {
  const store = createStore(0);
  const listener = vi.fn();
  const stop = store.subscribe(listener);
  store.subscribe(listener);
  stop();
  stop();
  store.set(1);
  expect(listener).toHaveBeenCalledTimes(1);
});

it("calls the others when one throws, and hands over what it threw", () => {
  const thrown: unknown[] = [];
  const store = createStore(0, (error) => thrown.push(error));
  const heard: number[] = [];
  store.subscribe(() => {
    throw new Error("mine");
  });
  store.subscribe((value) => heard.push(value));
  store.set(1);
  expect(heard).toEqual([1]);
  expect(thrown).toEqual([new Error("mine")]);
});

it("never tells an older value after a newer one when a listener sets", () => {
  const store = createStore(0);
  const heard: number[] = [];
  store.subscribe((value) => {
    if (value === 1) store.set(2);
  });
  store.subscribe((value) => heard.push(value));
  store.set(1);
  expect(heard).toEqual([2]);
});

it("does not call one that was stopped by another in the same round", () => {
  const store = createStore(0);
  const listener = vi.fn();
  let stop = (): void => undefined;
  store.subscribe(() => stop());
  stop = store.subscribe(listener);
  store.set(1);
  expect(listener).not.toHaveBeenCalled();
});
