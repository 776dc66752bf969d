import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addItem,
  changesBetween,
  EMPTY_INBOX,
  findItem,
  markRead,
  pageOf,
  prune,
  removeItems,
  unreadCount,
  type InboxState,
} from "../../src/notifications/inbox-state.js";

const KEEP = { maxPerUser: 5, maxAgeMs: 1_000 };
const at = (ms: number) => new Date(ms).toISOString();
const note = (id: string, ms = 0) => ({
  id,
  title: id,
  message: "",
  type: "info" as const,
  created_at: at(ms),
});
const fill = (...ids: string[]): InboxState =>
  ids.reduce((inbox, id) => addItem(inbox, note(id)), EMPTY_INBOX);
const idsOf = (inbox: InboxState) => inbox.items.map(({ data }) => data.id);
const only =
  (...ids: string[]) =>
  (id: string) =>
    ids.includes(id);

describe("an inbox that is full", () => {
  it("drops the oldest of those that were read, and only then the oldest", () => {
    const inbox = markRead(fill("a", "b", "c", "d", "e", "f"), only("c", "d"), at(0));

    expect(idsOf(prune(inbox, KEEP, 0))).toEqual(["a", "b", "d", "e", "f"]);
    expect(idsOf(prune(inbox, { ...KEEP, maxPerUser: 4 }, 0))).toEqual(["a", "b", "e", "f"]);
    expect(idsOf(prune(inbox, { ...KEEP, maxPerUser: 2 }, 0))).toEqual(["e", "f"]);
  });

  it("drops what is too old, read or not", () => {
    const inbox = addItem(addItem(EMPTY_INBOX, note("a", 0)), note("b", 500));

    expect(idsOf(prune(inbox, KEEP, 1_000))).toEqual(["a", "b"]);
    expect(idsOf(prune(inbox, KEEP, 1_001))).toEqual(["b"]);
  });

  it("takes nothing for a second time, not even after it was dropped", () => {
    const inbox = prune(fill("a", "b", "c", "d", "e", "f"), KEEP, 0);

    expect(addItem(inbox, note("a"))).toBe(inbox);
    expect(addItem(inbox, note("f"))).toBe(inbox);
  });
});

describe("a page", () => {
  it("goes on at its place, whatever comes and goes meanwhile", () => {
    let inbox = fill("a", "b", "c", "d", "e");
    const first = pageOf(inbox, { unread: false, before: Infinity, limit: 2 });
    expect(first.items.map(({ data }) => data.id)).toEqual(["e", "d"]);
    expect(first.hasMore).toBe(true);

    inbox = addItem(inbox, note("f"));
    inbox = removeItems(inbox, ({ data }) => data.id === "d");
    const second = pageOf(inbox, { unread: false, before: first.items[1]!.seq, limit: 3 });

    expect(second.items.map(({ data }) => data.id)).toEqual(["c", "b", "a"]);
    expect(second.hasMore).toBe(false);
  });
});

describe("any sequence of changes", () => {
  const change = fc.oneof(
    fc.record({ do: fc.constant("add" as const), id: fc.nat(30) }),
    fc.record({ do: fc.constant("read" as const), id: fc.nat(30) }),
    fc.record({ do: fc.constant("remove" as const), id: fc.nat(30) }),
    fc.record({ do: fc.constant("pass" as const), id: fc.integer({ min: 1, max: 400 }) }),
  );

  it("keeps the bounds, the order and the count, and tells each change once", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        let inbox = EMPTY_INBOX;
        let time = 0;
        const seen = new Set<string>();
        const gone = new Set<string>();
        const read = new Set<string>();
        for (const { do: what, id } of changes) {
          const before = inbox;
          const name = `n${id}`;
          if (what === "add") inbox = addItem(inbox, note(name, time));
          if (what === "read") inbox = markRead(inbox, only(name), at(time));
          if (what === "remove") inbox = removeItems(inbox, ({ data }) => data.id === name);
          if (what === "pass") time += id;
          inbox = prune(inbox, KEEP, time);

          const told = changesBetween(before, inbox);
          for (const other of told.removed) expect(gone.has(other)).toBe(false);
          for (const other of told.read) expect(read.has(other)).toBe(false);
          told.removed.forEach((other) => gone.add(other));
          told.read.forEach((other) => read.add(other));
          idsOf(inbox).forEach((other) => seen.add(other));
          expect(inbox.items.length).toBeLessThanOrEqual(KEEP.maxPerUser);
          expect(idsOf(inbox).filter((other) => gone.has(other))).toEqual([]);
          expect(inbox.items.map(({ seq }) => seq)).toEqual(
            inbox.items.map(({ seq }) => seq).toSorted((a, b) => a - b),
          );
          expect(unreadCount(inbox)).toBe(idsOf(inbox).filter((other) => !read.has(other)).length);
        }
        expect(
          [...seen].filter((id) => !gone.has(id) && findItem(inbox, id) === undefined),
        ).toEqual([]);
      }),
    );
  });
});
