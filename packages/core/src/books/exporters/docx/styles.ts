import type { IStylesOptions } from "docx";
import type { BookFacts } from "../book-facts.js";

const serif = "Georgia";
const grey = "666666";

/** The look of a manuscript: sizes in half points, distances in twentieths of a point. */
export function docxStyles({ language }: BookFacts): IStylesOptions {
  const heading = (size: number, before: number) => ({
    run: { font: serif, size, color: "000000", bold: true },
    paragraph: { keepNext: true, spacing: { before, after: 160 } },
  });
  const centred = { alignment: "center" as const };
  return {
    default: {
      document: {
        run: { font: serif, size: 22, language: { value: language, bidirectional: language } },
        paragraph: { spacing: { line: 320, after: 140 } },
      },
      title: {
        run: { font: serif, size: 52 },
        paragraph: { ...centred, spacing: { before: 3_600, after: 400 } },
      },
      heading1: {
        run: { font: serif, size: 36, color: "000000" },
        paragraph: { ...centred, keepNext: true, spacing: { before: 1_200, after: 600 } },
      },
      heading2: heading(28, 400),
      heading3: heading(24, 320),
      heading4: heading(22, 280),
      heading5: heading(22, 240),
      heading6: heading(22, 240),
      hyperlink: { run: { color: "7A3B1D", underline: {} } },
    },
    characterStyles: [
      { id: "CodeText", name: "Code Text", run: { font: "Consolas", size: 19, noProof: true } },
    ],
    paragraphStyles: [
      {
        id: "Subtitle",
        name: "Subtitle",
        basedOn: "Normal",
        run: { italics: true, size: 26 },
        paragraph: centred,
      },
      {
        id: "Premise",
        name: "Premise",
        basedOn: "Normal",
        paragraph: { ...centred, spacing: { before: 240 } },
      },
      {
        id: "Unfinished",
        name: "Unfinished",
        basedOn: "Normal",
        run: { color: grey },
        paragraph: { ...centred, spacing: { before: 480 } },
      },
      {
        id: "Notice",
        name: "Notice",
        basedOn: "Normal",
        run: { color: grey, size: 18 },
        paragraph: { spacing: { before: 480 } },
      },
      {
        id: "ContentsTitle",
        name: "Contents Title",
        basedOn: "Normal",
        run: { bold: true, size: 28 },
        paragraph: { spacing: { after: 300 } },
      },
      {
        id: "ContentsLine",
        name: "Contents Line",
        basedOn: "Normal",
        paragraph: { spacing: { after: 80 } },
      },
      {
        id: "Quote",
        name: "Quote",
        basedOn: "Normal",
        run: { italics: true },
        paragraph: { indent: { start: 560, end: 560 } },
      },
      {
        id: "CodeBlock",
        name: "Code Block",
        basedOn: "Normal",
        paragraph: { spacing: { line: 260, before: 160, after: 200 }, indent: { start: 280 } },
      },
      {
        id: "Rule",
        name: "Rule",
        basedOn: "Normal",
        paragraph: { ...centred, spacing: { before: 320, after: 320 } },
      },
    ],
  };
}
