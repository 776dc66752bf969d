/** More than ten rows, or nearly the whole screen, and a redraw or a resize leaves copies in the scrollback. */
const MAX_LIVE_ROWS = 10;

/** What there is to show; numbers are rows. */
export interface WantedRows {
  /** The retry, or what is done now. */
  readonly notice: boolean;
  readonly chapters: number;
  readonly text: number;
  /** Which keys there are. */
  readonly hint: boolean;
}

/** What of it gets a row. */
export interface LiveRows {
  readonly bar: boolean;
  readonly figures: boolean;
  readonly notice: boolean;
  readonly chapters: number;
  readonly text: number;
  /** An empty row above all. */
  readonly gapAbove: boolean;
  /** An empty row between the figures and the chapters. */
  readonly gapInside: boolean;
  readonly hint: boolean;
}

/** Gives the rows of a terminal to what matters most first: the bar, the figures, the trouble, a chapter, its text. */
export function planLiveRows(terminalRows: number, wanted: WantedRows): LiveRows {
  let free = Math.max(0, Math.min(MAX_LIVE_ROWS, terminalRows - 2));
  const take = (rows: number): number => {
    const taken = Math.min(free, rows);
    free -= taken;
    return taken;
  };
  const bar = take(1) > 0;
  const figures = take(1) > 0;
  const notice = wanted.notice && take(1) > 0;
  const firstChapter = take(Math.min(1, wanted.chapters));
  const firstText = take(Math.min(1, wanted.text));
  const chapters = firstChapter + take(wanted.chapters - firstChapter);
  const text = firstText + take(Math.min(1, wanted.text - firstText));
  const hint = wanted.hint && take(1) > 0;
  const gapAbove = take(1) > 0;
  const gapInside = chapters > 0 && take(1) > 0;
  return {
    bar,
    figures,
    notice,
    chapters,
    text: text + take(wanted.text - text),
    gapAbove,
    gapInside,
    hint,
  };
}
