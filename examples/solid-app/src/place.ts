// Where the reader was: the paragraph at the upper edge, not a number of pixels, so that it holds for every size of text
// and of window. And the following of a text that grows.
import { createSignal, onCleanup, onMount } from "solid-js";

interface Place {
  /** The block at the upper edge, from 0, and how much of it is above the edge, 0..1. */
  readonly block: number;
  readonly part: number;
}

const SAVE_MS = 250;
/** So near to the end, in pixels, it counts as the end. */
const NEAR_PX = 48;

const read = (key: string): unknown => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
};
const write = (key: string, value: unknown): void => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: then the place is lost with the page.
  }
};

export const lastChapter = (book: number): number => Number(read(`last/${book}`) ?? 1);

/** Keeps the reader's place in a chapter. `edge` is the height of what covers the upper edge, in pixels. */
export function createPlace(text: () => HTMLElement, book: () => number, chapter: () => number) {
  const key = (): string => `place/${book()}/${chapter()}`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = (): void => {
    timer = undefined;
    const blocks = [...text().children];
    const block = blocks.findIndex((one) => one.getBoundingClientRect().bottom > 0);
    if (block < 0) return;
    const { top, height } = (blocks[block] as HTMLElement).getBoundingClientRect();
    write(key(), { block, part: Math.max(0, -top / Math.max(1, height)) } satisfies Place);
    write(`last/${book()}`, chapter());
  };
  const later = (): void => {
    timer ??= setTimeout(save, SAVE_MS);
  };
  onMount(() => addEventListener("scroll", later, { passive: true }));
  onCleanup(() => {
    removeEventListener("scroll", later);
    clearTimeout(timer);
  });
  return {
    /** Says whether there was a place to go to. */
    restore(): boolean {
      write(`last/${book()}`, chapter());
      const place = read(key()) as Place | null;
      const block = place === null ? undefined : text().children[place.block];
      if (place === null || block === undefined || (place.block === 0 && place.part === 0))
        return false;
      const { top, height } = block.getBoundingClientRect();
      scrollTo({ top: scrollY + top + place.part * height, behavior: "instant" });
      return true;
    },
  };
}

/**
 * Follows the end of a text while it grows, until the reader scrolls up; at the end again, it goes on.
 *
 * @param end - what stands right below the text.
 */
export function createFollow(end: () => HTMLElement) {
  const [isFollowing, setFollowing] = createSignal(false);
  let before = 0;
  let frame = 0;
  const below = (): number => end().getBoundingClientRect().bottom - innerHeight;
  const onScroll = (): void => {
    // We only ever scroll down: what goes up is the reader. Our own steps are in `before` already.
    if (scrollY < before - 2) setFollowing(false);
    else if (scrollY > before && below() < NEAR_PX) setFollowing(true);
    before = scrollY;
  };
  // A wheel and keys scroll smoothly, and a step of ours in between would end that: so they are asked, not the place alone.
  const onWheel = ({ deltaY }: WheelEvent): void => {
    if (deltaY < 0) setFollowing(false);
  };
  const onKey = ({ key }: KeyboardEvent): void => {
    if (["ArrowUp", "PageUp", "Home"].includes(key)) setFollowing(false);
  };
  const onTouch = (): void => void setFollowing(false);
  onMount(() => {
    before = scrollY;
    const stop = new AbortController();
    const passively = { passive: true, signal: stop.signal };
    addEventListener("scroll", onScroll, passively);
    addEventListener("wheel", onWheel, passively);
    addEventListener("touchmove", onTouch, passively);
    addEventListener("keydown", onKey, passively);
    onCleanup(() => {
      stop.abort();
      cancelAnimationFrame(frame);
    });
  });
  const toEnd = (): void => {
    const distance = below();
    if (distance > 0) scrollBy({ top: distance, behavior: "instant" });
    before = scrollY;
  };
  return {
    isFollowing,
    follow() {
      setFollowing(true);
      toEnd();
    },
    /** Call it whenever the text has grown. */
    grown() {
      cancelAnimationFrame(frame);
      if (isFollowing()) frame = requestAnimationFrame(() => isFollowing() && toEnd());
    },
  };
}
