import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  beginStream,
  endOfStream,
  startRawServer,
  textChunk,
} from "../../support/llm/raw-server.js";
import type { Story } from "./story.js";

/** One chapter request that the server answered. */
export interface Sale {
  readonly chapter: number;
  /** Where in the chapter the text ends that the request came with. */
  readonly from: number;
  /** How far it was sent, in UTF-16 units of the chapter. */
  to: number;
}

export interface StoryServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Every chapter request so far, in order: the bill. */
  readonly sales: readonly Sale[];
  readonly outlines: number;
  /** Which chapters were asked for alone, of an outline that lacked them. */
  readonly outlineParts: readonly string[];
  /** How much of the book was sent at least once. */
  readonly reached: number;
}

/** A chapter request that may be answered otherwise. */
export interface StoryRequest {
  readonly chapter: number;
  /** Of this chapter, from 1. */
  readonly count: number;
  readonly response: ServerResponse;
  /** What is to be written. */
  readonly rest: string;
  readonly prompt: string;
}

export interface StoryServerOptions {
  /** Answers a request itself where it gives `true`. */
  readonly fault?: ((request: StoryRequest) => boolean) | undefined;
  readonly piece?: number;
  readonly pauseMs?: number;
  /** The first outline falls silent after so many chapters, with its stream open. @default it does not */
  readonly silentAfter?: number;
}

/**
 * A model that writes `story`, at a steady pace. Asked to go on it does so from where the text ends that it is shown, every
 * other time after repeating the last sentence, as models do.
 */
export async function startStoryServer(
  story: Story,
  { piece = 24, pauseMs = 16, fault, silentAfter }: StoryServerOptions = {},
): Promise<StoryServer> {
  const sales: Sale[] = [];
  const outlineParts: string[] = [];
  let outlines = 0;

  const server = await startRawServer(async (response, body) => {
    const { messages } = JSON.parse(body) as {
      readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string }>;
    };
    const last = messages.at(-1)?.content ?? "";
    if (last.startsWith("[inkwire outline]")) {
      outlines += 1;
      beginStream(response);
      const whole = outlineOf(story);
      const next = whole.indexOf(`{"number":${(silentAfter ?? 0) + 1},`);
      if (silentAfter !== undefined && outlines === 1)
        response.write(textChunk(whole.slice(0, next + 9)));
      else response.end(textChunk(whole) + endOfStream());
      return;
    }
    if (last.startsWith("[inkwire outline chapters]")) {
      const [, numbers = ""] = /lacks chapters? ([\d, ]+) of/.exec(last) ?? [];
      outlineParts.push(numbers);
      beginStream(response);
      response.end(textChunk(outlineOf(story, numbers.split(", ").map(Number))) + endOfStream());
      return;
    }
    if (last.startsWith("[inkwire facts")) {
      beginStream(response);
      response.end(textChunk('{"facts":[]}') + endOfStream());
      return;
    }
    const chapter = Number(/chapter (\d+) of/.exec(last)?.[1]);
    const text = story.chapters[chapter - 1] ?? "";
    const shown = messages.findLast(({ role }) => role === "assistant")?.content ?? "";
    const count = 1 + sales.filter((sale) => sale.chapter === chapter).length;
    const from = text.startsWith(shown.trimEnd()) ? placeAfter(text, shown) : text.length;
    const sale: Sale = { chapter, from, to: from };
    sales.push(sale);
    if (fault?.({ chapter, count, response, rest: text.slice(from), prompt: last })) return;
    if (!text.startsWith(shown.trimEnd())) throw new Error("shown what was never written");
    beginStream(response);
    const repeated = sales.length % 2 === 0 ? text.lastIndexOf(". ", from - 3) + 2 : from;
    await send(response, text, Math.min(from, repeated), sale);
  });

  async function send(response: ServerResponse, text: string, from: number, sale: Sale) {
    for (let at = from; at < text.length; at += piece) {
      if (response.destroyed) return;
      response.write(textChunk(text.slice(at, at + piece)));
      sale.to = Math.max(sale.to, Math.min(text.length, at + piece));
      await delay(pauseMs);
    }
    response.end(endOfStream());
  }

  return {
    baseUrl: server.baseUrl,
    sales,
    outlineParts,
    get outlines() {
      return outlines;
    },
    get reached() {
      const ends = story.chapters.map((_, index) =>
        Math.max(0, ...sales.filter(({ chapter }) => chapter === index + 1).map(({ to }) => to)),
      );
      return ends.reduce((sum, end) => sum + end, 0);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Where the rest begins: after the white space that follows what is shown. */
function placeAfter(text: string, shown: string): number {
  const beginning = shown.trimEnd();
  if (beginning === "") return 0;
  const rest = text.slice(beginning.length);
  return beginning.length + rest.length - rest.trimStart().length;
}

function outlineOf({ chapters, words }: Story, only?: readonly number[]): string {
  const numbers = only ?? chapters.map((_, index) => index + 1);
  return JSON.stringify({
    premise: "Boats come home.",
    chapters: numbers.map((number) => ({
      number,
      title: `Part ${number}`,
      summary: `The boats of part ${number} come home.`,
      words,
    })),
  });
}
