/** The look of a book as one page: paper by day, ink by night, a plain column on paper. No font, picture or rule from elsewhere. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbf8f1; --ink: #26221c; --soft: #6c6457; --line: #ddd5c5; --shade: #f2ecdf; --link: #7a3b1d;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16151a; --ink: #d8d2c6; --soft: #9a9387; --line: #37343c; --shade: #1f1d24; --link: #e0a97f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1.125rem/1.65 "Iowan Old Style", Charter, "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Noto Serif", "DejaVu Serif", serif;
  font-kerning: normal; font-variant-numeric: oldstyle-nums; overflow-wrap: anywhere;
}
main, .front, .contents { width: min(100% - 2.75rem, 34em); margin-inline: auto; }
a { color: var(--link); text-decoration-thickness: .06em; text-underline-offset: .18em; }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 3px; border-radius: 2px; }
h1, h2, h3, h4, h5, h6 { line-height: 1.2; font-weight: 600; text-wrap: balance; break-after: avoid; }

.front {
  min-height: 100vh; min-height: 100svh; padding-block: 4rem; display: flex; flex-direction: column; justify-content: center;
  text-align: center;
}
.front h1 { margin: 0; font-size: clamp(2.1rem, 8vw, 3.6rem); font-weight: 500; letter-spacing: -.012em; line-height: 1.1; }
.front h1.long { font-size: clamp(1.5rem, 5vw, 2.2rem); }
.front h1.endless { font-size: 1.1rem; text-align: start; }
.front h1::after { content: ""; display: block; width: 3.5rem; margin: 2rem auto 0; border-top: 2px solid var(--link); }
.byline { margin: 1.75rem 0 0; font-size: 1.2rem; font-style: italic; }
.premise { margin-top: 2rem; color: var(--soft); text-wrap: pretty; }
.notice, .unfinished { color: var(--soft); font-size: .85rem; line-height: 1.5; }
.front .notice, .front .unfinished { margin: 2.5rem auto 0; max-width: 28em; }
.unfinished { border: 1px solid var(--line); border-radius: .35rem; padding: .4rem .9rem; width: fit-content; }
.front .unfinished + .notice { margin-top: 1rem; }

.contents { padding-block: 3rem; border-top: 1px solid var(--line); }
.contents h2 { margin: 0 0 1.5rem; font-size: 1rem; font-weight: 600; letter-spacing: .12em; text-transform: uppercase; color: var(--soft); }
.contents ol { list-style: none; margin: 0; padding: 0; }
.contents a { display: grid; grid-template-columns: 2.4em minmax(0, 1fr); padding-block: .42rem; color: inherit; text-decoration: none; }
.contents a:hover .name { text-decoration: underline; text-decoration-color: var(--link); text-underline-offset: .2em; }
.contents .count { color: var(--soft); font-variant-numeric: tabular-nums lining-nums; }
.contents .name { grid-column: 2; }
.contents.plain .name { grid-column: 1 / -1; }

.chapter { padding-block: 5.5rem 1rem; border-top: 1px solid var(--line); scroll-margin-top: 0; }
.chapter > header { margin-bottom: 2.6rem; text-align: center; }
.chapter > header p { margin: 0 0 .5rem; color: var(--soft); letter-spacing: .14em; font-variant-numeric: lining-nums; }
.chapter > header h2 { margin: 0; font-size: clamp(1.55rem, 5vw, 2.1rem); font-weight: 500; }
.chapter > header + p::first-line { font-variant-caps: small-caps; letter-spacing: .03em; }
.chapter h3 { margin: 2.6rem 0 .8rem; font-size: 1.25rem; }
.chapter h4 { margin: 2rem 0 .6rem; font-size: 1.08rem; }
.chapter h5, .chapter h6 { margin: 1.6rem 0 .5rem; font-size: 1rem; font-style: italic; }
p { margin: 0; text-wrap: pretty; hyphens: auto; }
p + p { text-indent: 1.5em; }
.front p, .chapter > header p, p.picture, p.picture + p, p.notice { text-indent: 0; }
ul, ol, blockquote, pre, .table, p.picture { margin-block: 1.2rem; }
p + ul, p + ol { margin-top: .6rem; }
ul, ol { padding-inline-start: 1.6em; }
li { margin-block: .25rem; }
li > p + p { text-indent: 0; margin-top: .5rem; }
li > ul, li > ol { margin-block: .25rem; }
li::marker { color: var(--soft); font-variant-numeric: lining-nums; }
blockquote { margin-inline: 0; padding-inline-start: 1.1rem; border-inline-start: 3px solid var(--line); color: var(--soft); }
hr { margin: 2.4rem auto; border: 0; text-align: center; color: var(--soft); height: 1.2em; }
hr::before { content: "* * *"; letter-spacing: .4em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .84em; font-variant-numeric: lining-nums; hyphens: none; }
code { background: var(--shade); padding: .08em .3em; border-radius: .25em; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: .45rem; padding: .9rem 1.1rem; overflow-x: auto; line-height: 1.5; overflow-wrap: normal; text-align: left; }
pre code { background: none; padding: 0; font-size: 1em; border-radius: 0; }
pre:has(> code.language-text) { white-space: pre-wrap; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.45; font-variant-numeric: tabular-nums lining-nums; overflow-wrap: break-word; }
th, td { padding: .5rem .7rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); }
th { border-bottom: 2px solid var(--soft); font-weight: 600; }
th:first-child, td:first-child { padding-inline-start: 0; }
.align-left { text-align: left; } .align-right { text-align: right; } .align-center { text-align: center; }
img { max-width: 100%; height: auto; }
p.picture { text-align: center; }
p.picture img { display: block; margin-inline: auto; max-height: 90vh; border-radius: .2rem; }
@media (prefers-color-scheme: dark) { p.picture img { background: #f4f1ea; } }
.chapter > .notice { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); }
.back { display: block; margin: 2.5rem 0 1.5rem; text-align: center; font-size: .85rem; }
.back a { color: var(--soft); text-decoration: none; }
.back a:hover { text-decoration: underline; }

@media (max-width: 30em) { body { font-size: 1.05rem; } .chapter { padding-top: 3.75rem; } }
@media print {
  @page { margin: 20mm 18mm 22mm; }
  :root { --paper: #fff; --ink: #000; --soft: #555; --line: #bbb; --shade: #f6f6f6; --link: #000; }
  body { font-size: 10.5pt; line-height: 1.5; }
  main, .front, .contents { width: auto; margin: 0; }
  .front { min-height: 0; height: 230mm; }
  .contents, .chapter { break-before: page; border: 0; padding-top: 0; }
  .chapter > header { padding-top: 22mm; }
  .back { display: none; }
  p { text-align: justify; orphans: 2; widows: 2; }
  pre, code { white-space: pre-wrap; }
  pre, .table, img, blockquote { break-inside: avoid; }
  main a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .85em; }
  p.picture img { max-height: 180mm; background: none; }
}
`;
