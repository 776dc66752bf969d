import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { openKeys, type Key } from "../../src/output/keys.js";

/** A stdin that is a terminal, a shell that gives and takes it, and what came of the keys. */
function openTyping({ isTTY = true, foreground = true } = {}) {
  const stdin = Object.assign(new EventEmitter(), {
    isTTY,
    isRaw: false,
    isFlowing: false,
    setRawMode(raw: boolean) {
      if (!shell.foreground) throw new Error("stopped by the system");
      stdin.isRaw = raw;
    },
    resume: () => (stdin.isFlowing = true),
    pause: () => (stdin.isFlowing = false),
  });
  const shell = { foreground, goOn: (): void => {} };
  const raised: string[] = [];
  const pressed: Key[] = [];
  const keys = openKeys({
    stdin: stdin as unknown as NodeJS.ReadStream,
    raise: (signal) => raised.push(signal),
    onContinue(listener) {
      shell.goOn = listener;
      return () => (shell.goOn = () => {});
    },
    isForeground: () => shell.foreground,
  });
  const type = (text: string): void => void stdin.emit("data", Buffer.from(text));
  return { stdin, shell, keys, raised, pressed, type };
}

test("tells arrows, Tab and Escape, and swallows the rest", () => {
  const { keys, pressed, raised, type } = openTyping();
  const release = keys?.listen((key) => pressed.push(key));
  for (const text of ["\u001B[B", "\u001BOA", "\t", "\u001B[Z", "j", "k", "\u001B"]) type(text);
  const all = ["next", "previous", "next", "previous", "next", "previous", "automatic"];
  expect(pressed).toEqual(all);
  for (const text of ["q", "\r", "é", "\u001B[15~", "\u001B[1;5C", "\u0004"]) type(text);
  expect(pressed).toEqual(all);
  expect(raised).toEqual([]);
  release?.();
});

test("takes each of several keys that come at once", () => {
  const { keys, pressed, raised, type } = openTyping();
  keys?.listen((key) => pressed.push(key));
  type("\u001B[B\u001B[Bx\u001B[A\u0003\u0003");
  expect(pressed).toEqual(["next", "next", "previous"]);
  expect(raised).toEqual(["SIGINT", "SIGINT"]);
});

test("leaves the terminal as it was found, whatever is typed later", () => {
  const { stdin, keys, pressed, raised, type } = openTyping();
  const release = keys?.listen((key) => pressed.push(key));
  expect(stdin).toMatchObject({ isRaw: true, isFlowing: true });
  release?.();
  release?.();
  type("\t\u0003");
  expect(stdin).toMatchObject({ isRaw: false, isFlowing: false });
  expect([pressed, raised]).toEqual([[], []]);
  for (const event of ["data", "error"]) expect(stdin.listenerCount(event)).toBe(0);
});

test("gives the terminal back for as long as Ctrl-Z stops the process", () => {
  const { stdin, shell, keys, pressed, raised, type } = openTyping();
  keys?.listen((key) => pressed.push(key));
  type("\u001A");
  expect(raised).toEqual(["SIGTSTP"]);
  expect(stdin.isRaw).toBe(false);
  shell.goOn();
  expect(stdin.isRaw).toBe(true);
  type("\t");
  expect(pressed).toEqual(["next"]);
});

test("never touches the terminal in the background, where that would stop the process", () => {
  const { stdin, shell, keys, pressed, type } = openTyping({ foreground: false });
  const release = keys?.listen((key) => pressed.push(key));
  expect(stdin.isRaw).toBe(false);
  shell.foreground = true;
  shell.goOn();
  expect(stdin.isRaw).toBe(true);
  type("\t");
  expect(pressed).toEqual(["next"]);
  shell.foreground = false;
  shell.goOn();
  release?.();
});

test("a terminal that goes away is no reason to fall over", () => {
  const { stdin, keys } = openTyping();
  keys?.listen(() => {});
  expect(() => stdin.emit("error", new Error("read EIO"))).not.toThrow();
});

test("has no keys where nobody types", () => {
  expect(openTyping({ isTTY: false }).keys).toBeUndefined();
});
