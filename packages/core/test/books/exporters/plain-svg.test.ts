import { describe, expect, it } from "vitest";
import { plainSvg } from "../../../src/books/exporters/epub/plain-svg.js";

const isPlain = (source: string) => plainSvg(new TextEncoder().encode(source));
const root = '<svg xmlns="http://www.w3.org/2000/svg">';

describe("plainSvg", () => {
  it.each([
    `${root}</svg>`,
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->\n${root}<g id="a"><rect width='1'/></g><use href="#a"/></svg>`,
    `${root}<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><rect fill="url(#g)"/><text>a &amp; b</text></svg>`,
  ])("takes %s", (source) => {
    expect(isPlain(source)).toBe(true);
  });

  it.each([
    "",
    "<svg></svg>",
    "<html/>",
    root,
    `${root}<rect></svg>`,
    `${root}<rect a="1" a="2"/></svg>`,
    `${root}<g id="a"/><g id="a"/></svg>`,
    `${root}</svg>${root}</svg>`,
    `${root}<script/></svg>`,
    `${root}<rect onclick="x()"/></svg>`,
    `${root}<foreignObject/></svg>`,
    `${root}<image href="https://a/b"/></svg>`,
    `${root}<a href="https://a"/></svg>`,
    `${root}<use href="other.svg#a"/></svg>`,
    `${root}<use href="#gone"/></svg>`,
    `${root}<rect fill="url(https://a/b)"/></svg>`,
    `${root}<style>@import "x";</style></svg>`,
    `<!DOCTYPE svg [<!ENTITY x "y">]>${root}&x;</svg>`,
    `${root}&nbsp;</svg>`,
    `${root}<text>a & b</text></svg>`,
    `${root}<text>\u0001</text></svg>`,
    `${root}<animate/></svg>`,
    `${root}<use xlink:href="#a" id="a"/></svg>`,
    `${root}<text>]]></text></svg>`,
    `${root}<?php x?></svg>`,
  ])("refuses %s", (source) => {
    expect(isPlain(source)).toBe(false);
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(plainSvg(new Uint8Array([0xff, 0xfe, 0x3c]))).toBe(false);
  });
});
