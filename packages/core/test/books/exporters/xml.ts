import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

interface XmlLibrary {
  readonly XmlDocument: { fromString(source: string): { dispose(): void } };
}

/** libxml2, as the EPUB validator brings it along: a real XML parser without a dependency of our own. */
export async function loadXmlParser(): Promise<(source: string) => void> {
  const fromHere = createRequire(import.meta.url);
  const fromValidator = createRequire(fromHere.resolve("@likecoin/epubcheck-ts"));
  const address = pathToFileURL(fromValidator.resolve("libxml2-wasm")).href;
  const { XmlDocument } = (await import(/* @vite-ignore */ address)) as XmlLibrary;
  return (source) => XmlDocument.fromString(source).dispose();
}
