/** Modest, as readers bring their own fonts, colours and margins. */
export const epubStyle = `@charset "utf-8";
body { margin: 0 4%; line-height: 1.5; overflow-wrap: break-word; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; font-weight: bold; page-break-after: avoid; break-after: avoid; hyphens: none; -webkit-hyphens: none; text-align: start; }
h1 { font-size: 1.6em; }
h2 { font-size: 1.25em; margin: 1.9em 0 .6em; }
h3 { font-size: 1.1em; margin: 1.6em 0 .5em; }
h4, h5, h6 { font-size: 1em; margin: 1.4em 0 .4em; font-style: italic; }
p { margin: 0; }
p + p { text-indent: 1.4em; }
.chapter-head { margin: 3.5em 0 2.2em; text-align: center; }
.chapter-head h1 { margin: 0; font-weight: normal; text-align: center; }
.chapter-head p { margin: 0 0 .4em; letter-spacing: .12em; opacity: .7; }
.cover { margin: 0; padding: 0; text-align: center; }
.cover img { max-width: 100%; max-height: 100vh; height: 100%; }
.title-page { margin-top: 22%; text-align: center; }
.title-page h1 { font-size: 2.1em; font-weight: normal; margin: 0 0 1em; text-align: center; }
.title-page h1.long { font-size: 1.3em; }
.title-page p, .notice, .picture, .picture + p, .chapter-head p { text-indent: 0; }
.byline { font-style: italic; font-size: 1.15em; margin-bottom: 2.5em; }
.premise { margin: 1.5em 8% 2.5em; }
.notice, .unfinished { font-size: .8em; opacity: .75; margin-top: 2em; }
.chapter-end { border-top: 1px solid; padding-top: .6em; margin-top: 3em; }
ul, ol, blockquote, pre, .table, .picture { margin-top: .9em; margin-bottom: .9em; }
li { margin: .2em 0; }
li > p + p { text-indent: 0; margin-top: .4em; }
blockquote { margin-left: 1em; margin-right: 1em; padding: 0 .9em; border-inline-start: 3px solid #999; }
hr { width: 30%; margin: 2em auto; border: 0; border-top: 1px solid; opacity: .6; }
code, pre { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .82em; hyphens: none; -webkit-hyphens: none; }
pre { white-space: pre-wrap; overflow-wrap: break-word; padding: .8em; border: 1px solid #999; text-align: left; line-height: 1.4; }
pre code { font-size: 1em; }
table { border-collapse: collapse; width: 100%; font-size: .9em; }
th, td { padding: .35em .6em; text-align: start; vertical-align: top; border-bottom: 1px solid #999; }
.align-left { text-align: left; }
.align-right { text-align: right; }
.align-center { text-align: center; }
img { max-width: 100%; }
.picture { text-align: center; }
nav ol { list-style: none; padding: 0; margin: 0; }
nav li { margin: .5em 0; }
nav a { color: inherit; text-decoration: none; }
`;
