/** A part of a book's course: what a chapter that stands there has to do. `{x}` is what the chapter is about. */
export interface Stage {
  /** The larger part that it belongs to. */
  readonly part: string;
  /** Working titles; a stage with more chapters than titles adds what each is about. */
  readonly titles: readonly string[];
  readonly goal: string;
  readonly takeaway: string;
  /** Name, what it has to do, and its share of the chapter. */
  readonly sections: ReadonlyArray<readonly [name: string, task: string, share: number]>;
  readonly questions: readonly string[];
  /** What to write into the story bible before the next chapter. */
  readonly bible: readonly string[];
  /** What the next chapter may count on. */
  readonly leaves: string;
}

/** A kind of book: its course from beginning to end. */
export interface Shape {
  readonly name: string;
  /** In reading order. */
  readonly stages: readonly Stage[];
  /** For a book of one chapter. */
  readonly whole: Stage;
  /** What chapters may be about, beside the words of the title and the brief. */
  readonly subjects: readonly string[];
  /** Asks, in place of an answer that nobody gave, what the book is; `{title}` is its title. */
  readonly premises: readonly string[];
}
