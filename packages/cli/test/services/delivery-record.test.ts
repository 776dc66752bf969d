import { createMemoryHome, openHome } from "@inkwire/core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createDeliveryRecords } from "../../src/services/delivery-record.js";

const record = {
  directory: "/books/a",
  own: true,
  formats: ["epub", "html"],
  files: ["/books/a/a.epub"],
} as const;

it("remembers on disk where a book goes, until it is deleted", async () => {
  const directory = await mkdtemp(join(tmpdir(), "inkwire-home-"));
  try {
    const home = await openHome(directory);
    await createDeliveryRecords(home.storage).set(7, record);
    const again = createDeliveryRecords((await openHome(directory)).storage);
    expect(await again.get(7)).toEqual(record);
    expect(await again.get(8)).toBeUndefined();
    await again.remove(7);
    expect(await again.get(7)).toBeUndefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});

it.each([
  "not json",
  "{}",
  "null",
  '{"v":2,"directory":"/x","own":true,"formats":[],"files":[]}',
  '{"v":1,"directory":7,"own":true,"formats":[],"files":[]}',
  '{"v":1,"directory":"/x","own":true,"formats":[],"files":[1]}',
])("takes a record that it can't read for none: %s", async (text) => {
  const { storage } = createMemoryHome();
  await storage.setItem("cli:deliveries:7", text);
  expect(await createDeliveryRecords(storage).get(7)).toBeUndefined();
});
