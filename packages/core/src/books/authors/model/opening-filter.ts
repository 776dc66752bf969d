import { begins, isChapterHeading, mayBecomeHeading } from "./chapter-heading.js";
import type { TextFilter } from "./thinking-filter.js";

/** A line that is longer is prose. */
const maxRemarkChars = 160;

/** How remarks to whoever asked begin. */
const chatty = [
  "sure",
  "certainly",
  "of course",
  "absolutely",
  "okay",
  "ok",
  "alright",
  "understood",
];
const plain = ["here's", "here’s", "here is", "here are", "below is"];

/**
 * "Sure, here is …:", "Certainly! Chapter 3 of your book.", "Here is the chapter:". Stories begin with such words too, so a
 * remark must also say what it is about, and be a line of its own.
 */
const remarks = [
  new RegExp(`^(?:${chatty.join("|")})\\b.*\\b(?:here(?:'s|’s| is| are)|continuing)\\b.*:$`, "i"),
  new RegExp(`^(?:${chatty.join("|")})\\b.*\\bchapter\\b.*[:.!]$`, "i"),
  new RegExp(
    `^(?:${plain.join("|")})\\b.*\\b(?:chapter|draft|continuation|you asked|your)\\b.*:$`,
    "i",
  ),
];
const emphasis = /^[*_]+|[*_]+$/g;
const rule = /^(?:-{3,}|\*{3,}|_{3,}|={2,})$/;

/**
 * Leaves out what models put before a chapter although they are told not to: blank lines, a remark to whoever asked, the
 * chapter's own heading, the rules beneath them. Everything from the first line of prose on passes untouched.
 *
 * Holds back the first lines, each until it ends or can be none of those any more: prose shows from its first words.
 */
export function createOpeningFilter(chapter: {
  readonly number: number;
  readonly title: string;
}): TextFilter {
  const maxLine = Math.max(maxRemarkChars, chapter.title.length + 40);
  let held = "";
  let open = false;
  let dropped = false;

  const isLeftOut = (line: string): boolean => {
    if (line === "") return true;
    if (remarks.some((remark) => remark.test(line.replace(emphasis, "")))) return true;
    // A rule is only dropped beneath something that was.
    return (dropped && rule.test(line)) || isChapterHeading(line, chapter.number, chapter.title);
  };

  const mayBeLeftOut = (start: string): boolean =>
    start.length <= maxLine &&
    (start === "" ||
      begins(start, [...chatty, ...plain]) ||
      mayBecomeHeading(start, chapter.number, chapter.title) ||
      (dropped && /^[-=]/.test(start)));

  const release = (): string => {
    open = true;
    const text = held;
    held = "";
    return text;
  };

  return {
    push(text) {
      if (open) return text;
      held += text;
      for (let end = held.indexOf("\n"); end !== -1; end = held.indexOf("\n")) {
        const line = held.slice(0, end).trim();
        if (line.length > maxLine || !isLeftOut(line)) return release();
        dropped ||= line !== "";
        held = held.slice(end + 1);
      }
      // Leading white space must not count, or a flood of it would pass as prose; nor may it pile up.
      if (held.trimStart() === "") held = held.slice(-maxLine);
      return mayBeLeftOut(held.trimStart()) ? "" : release();
    },
    end() {
      if (open) return "";
      const line = held.trim();
      if (line.length > maxLine || !isLeftOut(line)) return release();
      held = "";
      return "";
    },
  };
}
