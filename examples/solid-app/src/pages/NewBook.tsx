import { requestJson } from "@inkwire/client";
import { useClient } from "@inkwire/client/solid";
import { isInkwireError, type InkwireError } from "@inkwire/core/protocol";
import { useNavigate } from "@solidjs/router";
import { createEffect, createResource, createSignal, For, on, onCleanup, type JSX } from "solid-js";
import { createStore } from "solid-js/store";
import { count } from "../book.ts";
import { Page } from "../parts/Page.tsx";
import { Trouble } from "../parts/Trouble.tsx";

interface Author {
  readonly id: string;
  readonly label: string;
  readonly reason: string;
  readonly chosen: boolean;
}
interface Range {
  readonly low: number;
  readonly high: number;
}
interface Estimate {
  readonly requests: Range;
  readonly output_tokens: Range;
  readonly usd?: Range;
  readonly is_free: boolean;
}
type Field = "title" | "brief" | "chapters" | "words" | "author";

/** Somebody is still typing. */
const THINK_MS = 400;
/** The server is away, or busy. */
const AGAIN_MS = 3_000;

export function NewBook(): JSX.Element {
  const client = useClient();
  const navigate = useNavigate();
  const [form, setForm] = createStore({
    title: "",
    brief: "",
    chapters: 6,
    words: 6_000,
    author: "auto",
  });
  const [problems, setProblems] = createStore<Partial<Record<Field, string>>>({});
  const [failure, setFailure] = createSignal<InkwireError>();
  const [isBusy, setBusy] = createSignal(false);
  const [estimate, setEstimate] = createSignal<Estimate>();
  const [authors] = createResource(client, async (from) => {
    const answer = await requestJson(from, "desk/authors").catch(() => ({ authors: [] }));
    return answer["authors"] as readonly Author[];
  });
  /** Who that would be, and why. */
  const because = (): string => {
    const one = authors()?.find(({ id, chosen }) =>
      form.author === "auto" ? chosen : id === form.author,
    );
    return one === undefined ? "" : capital(`${one.label}: ${one.reason}.`);
  };
  const body = () => ({ ...form, title: form.title || "Untitled" });
  /** Sent twice, it is one book: the key is new with each change of the form. */
  let key = crypto.randomUUID();

  createEffect(
    on([client, body], ([from, request]) => {
      key = crypto.randomUUID();
      if (from === undefined) return;
      const stop = new AbortController();
      let timer: ReturnType<typeof setTimeout>;
      const ask = (ms: number): void => {
        timer = setTimeout(() => {
          requestJson(from, "api/books/estimate", { ...json(request), signal: stop.signal }).then(
            (likely) => setEstimate(likely as unknown as Estimate),
            (error: unknown) => {
              if (stop.signal.aborted) return;
              setEstimate(undefined);
              if (isInkwireError(error) && error.retryable) ask(AGAIN_MS);
            },
          );
        }, ms);
      };
      ask(THINK_MS);
      onCleanup(() => {
        clearTimeout(timer);
        stop.abort();
      });
    }),
  );

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isBusy()) return undefined;
    const from = client();
    const found = check(form);
    setProblems({
      title: undefined,
      brief: undefined,
      chapters: undefined,
      words: undefined,
      author: undefined,
      ...found,
    } as never);
    setFailure(undefined);
    const [first] = Object.keys(found);
    if (first !== undefined) return document.getElementById(first)?.focus();
    if (from === undefined) return undefined;
    setBusy(true);
    try {
      const created = await requestJson(
        from,
        "api/books",
        json({ ...form, title: form.title.trim() }, { "idempotency-key": key }),
      );
      navigate(`/books/${String(created["book_id"])}`);
    } catch (error) {
      if (!isInkwireError(error)) throw error;
      // A refusal names its field: "title: expected …".
      const [, field, what] =
        /^(title|brief|chapters|words|author): (.*)/.exec(error.message) ?? [];
      if (field === undefined) setFailure(error);
      else {
        setProblems(field as Field, what);
        document.getElementById(field)?.focus();
      }
    } finally {
      setBusy(false);
    }
    return undefined;
  }

  const field = (name: Field) => ({
    id: name,
    "aria-invalid": problems[name] !== undefined,
    "aria-describedby": `${name}-problem`,
  });
  const Problem = (props: { readonly of: Field }): JSX.Element => (
    <span class="problem" id={`${props.of}-problem`}>
      {problems[props.of]}
    </span>
  );

  return (
    <Page title="A new book" class="narrow">
      <form class="letter" novalidate onSubmit={(event) => void submit(event)}>
        <p>
          <label for="title">Title</label>
          <input
            {...field("title")}
            class="big"
            value={form.title}
            maxlength="300"
            placeholder="The Tides of Brittany"
            autocomplete="off"
            onInput={({ currentTarget }) => setForm("title", currentTarget.value)}
          />
          <Problem of="title" />
        </p>
        <p>
          <label for="brief">
            What it is about <small>if you like</small>
          </label>
          <textarea
            {...field("brief")}
            rows="4"
            value={form.brief}
            onInput={({ currentTarget }) => setForm("brief", currentTarget.value)}
          />
          <Problem of="brief" />
        </p>
        <div class="pair">
          <p>
            <label for="chapters">Chapters</label>
            <input
              {...field("chapters")}
              type="number"
              inputmode="numeric"
              min="1"
              max="200"
              value={form.chapters}
              onInput={({ currentTarget }) => setForm("chapters", currentTarget.valueAsNumber)}
            />
            <Problem of="chapters" />
          </p>
          <p>
            <label for="words">Words in all</label>
            <input
              {...field("words")}
              type="number"
              inputmode="numeric"
              min="100"
              max="1000000"
              step="any"
              value={form.words}
              onInput={({ currentTarget }) => setForm("words", currentTarget.valueAsNumber)}
            />
            <Problem of="words" />
          </p>
        </div>
        <p>
          <label for="author">Author</label>
          <select
            {...field("author")}
            value={form.author}
            onChange={({ currentTarget }) => setForm("author", currentTarget.value)}
          >
            <option value="auto">The best that is there</option>
            <For each={authors()}>
              {(one) => <option value={one.id}>{capital(one.label)}</option>}
            </For>
          </select>
          <span class="note">{because()}</span>
          <Problem of="author" />
        </p>
        <Trouble error={failure()} />
        <div class="sign">
          <p class="estimate" role="status">
            {inWords(estimate())}
          </p>
          <button class="solid" aria-disabled={isBusy()}>
            {isBusy() ? "One moment…" : "Begin writing"}
          </button>
        </div>
      </form>
    </Page>
  );
}

/** What the server would refuse, before it is asked. */
function check({ title, chapters, words }: { title: string; chapters: number; words: number }) {
  const found: Partial<Record<Field, string>> = {};
  const isWhole = (n: number, from: number, to: number) =>
    Number.isInteger(n) && n >= from && n <= to;
  if (title.trim() === "") found.title = "A book needs a title.";
  if (!isWhole(chapters, 1, 200)) found.chapters = "From 1 to 200.";
  if (!isWhole(words, 100, 1_000_000)) found.words = "From 100 to 1,000,000.";
  return found;
}

function inWords(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "";
  const { requests, output_tokens: tokens, usd, is_free: isFree } = estimate;
  if (requests.high === 0) return "Costs nothing: no language model is asked.";
  const asked = `${requests.low} to ${count(requests.high, "request")}, up to ${count(tokens.high, "token")}`;
  if (isFree) return `Likely ${asked}, on this machine, for nothing.`;
  if (usd === undefined) return `Likely ${asked}. The price is not known.`;
  return `Likely ${asked}: ${usd.low.toFixed(2)} to ${usd.high.toFixed(2)} US dollars.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const json = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
