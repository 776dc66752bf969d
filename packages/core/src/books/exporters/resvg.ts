import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg, type ResvgRenderOptions } from "@resvg/resvg-wasm";

type SvgPicture = InstanceType<typeof Resvg>;

/** WebAssembly is set up once in a process, however many books it makes. */
let ready: Promise<unknown> | undefined;

/** Reads an SVG, hands it to `use`, and frees it. It loads nothing but what `options` hold. */
export async function withSvg<T>(
  svg: string,
  options: ResvgRenderOptions,
  use: (picture: SvgPicture) => T,
): Promise<T> {
  ready ??= initWasm(
    readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  await ready;
  const picture = new Resvg(svg, options);
  try {
    return use(picture);
  } finally {
    picture.free();
  }
}

export function pngOf(picture: SvgPicture): Uint8Array {
  const image = picture.render();
  try {
    return image.asPng();
  } finally {
    image.free();
  }
}
