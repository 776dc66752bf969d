import type { BookImage } from "../../types.js";
import { escapeXml } from "../escape.js";

/**
 * What a shop and a reader are told of who can read the book: only what holds for every text that can be in it.
 *
 * No `dcterms:conformsTo`: a claim to meet WCAG is somebody's, who has looked at the book and is named with it.
 *
 * @see https://www.w3.org/TR/epub-a11y-11/#sec-discovery
 */
export function accessibility({
  images,
  describesImages,
}: {
  readonly images: readonly BookImage[];
  readonly describesImages: boolean;
}): string[] {
  const hasImages = images.length > 0;
  const isDescribed = !hasImages || describesImages;
  return [
    property("schema:accessMode", "textual"),
    // The cover counts, too.
    property("schema:accessMode", "visual"),
    ...(isDescribed ? [property("schema:accessModeSufficient", "textual")] : []),
    property("schema:accessModeSufficient", "textual,visual"),
    ...[
      "structuralNavigation",
      "tableOfContents",
      "readingOrder",
      "displayTransformability",
      "ARIA",
      "unlocked",
      ...(isDescribed ? ["alternativeText"] : []),
    ].map((feature) => property("schema:accessibilityFeature", feature)),
    ...hazards(images).map((hazard) => property("schema:accessibilityHazard", hazard)),
    property("schema:accessibilitySummary", summary(hasImages, isDescribed)),
  ];
}

/** Nothing sounds or moves by itself, but a picture of these kinds may flash, and nobody has looked. */
function hazards(images: readonly BookImage[]): string[] {
  return images.some(({ mediaType }) => mediaType === "image/gif" || mediaType === "image/webp")
    ? ["noSoundHazard", "unknownFlashingHazard", "unknownMotionSimulationHazard"]
    : ["none"];
}

function summary(hasImages: boolean, isDescribed: boolean): string {
  const text =
    "The text reflows, its headings are marked up, and the table of contents links to every chapter.";
  if (!hasImages) return `${text} The only picture is the cover, which shows title and name.`;
  return isDescribed
    ? `${text} Pictures carry the alternative text that their author wrote.`
    : `${text} Some pictures have no alternative text.`;
}

/** A line of metadata. `name` is of a vocabulary that EPUB knows. */
export function property(name: string, value: string): string {
  return `<meta property="${name}">${escapeXml(value)}</meta>`;
}
