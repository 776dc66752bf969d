import type { Browser, BrowserContext, Page } from "playwright-core";
import type { RunningApp } from "./app.ts";

/** Somebody with a browser of their own. */
export interface Person extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What no page may say: exceptions, refused scripts, failed loads. */
  readonly problems: readonly string[];
  /** Another tab of the same browser. */
  tab(path: string): Promise<Page>;
  /** Asks the API, as the app does. */
  api<T>(path: string, asking?: Asking): Promise<T>;
}

interface Asking {
  readonly method?: string;
  readonly body?: object;
}

/** Somebody who is signed in, with a page on which nothing is loaded yet. */
export async function signIn(
  browser: Browser,
  app: Pick<RunningApp, "url">,
  name: string,
): Promise<Person> {
  const person = await visit(browser, app);
  await person.context.request.post(`${app.url}/auth/login`, { data: { name } });
  return person;
}

/** Somebody who is not. */
export async function visit(browser: Browser, app: Pick<RunningApp, "url">): Promise<Person> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    // What moves without end is drawn without end, and nothing here looks at it.
    reducedMotion: "reduce",
  });
  const problems: string[] = [];
  context.on("page", (page) => {
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      // A server that is away is no mistake of the page: the browser says so all the same.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        problems.push(message.text());
    });
  });
  const page = await context.newPage();
  return {
    context,
    page,
    problems,
    async tab(path) {
      const other = await context.newPage();
      await other.goto(`${app.url}${path}`);
      await isLive(other);
      return other;
    },
    async api<T>(path: string, { method = "GET", body }: Asking = {}): Promise<T> {
      const { request } = context;
      const answer = await request.post(`${app.url}/auth/token`);
      const { token } = (await answer.json()) as { token: string };
      const headers = { authorization: `Bearer ${token}` };
      const asked = { method, headers, ...(body !== undefined && { data: body }) };
      return (await (await request.fetch(`${app.url}/live/${path}`, asked)).json()) as T;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}

export const isLive = (page: Page): Promise<void> =>
  page.locator('.inkwire-status[data-status="live"]').waitFor();

/** Puts a book in line and gives its number. */
export async function beginBook(person: Person, title: string, more: object = {}): Promise<number> {
  const body = { title, chapters: 3, words: 3_000, author: "offline", ...more };
  const created = await person.api<{ book_id: number }>("api/books", { method: "POST", body });
  return created.book_id;
}

/** How a book stands. */
export async function statusOf(person: Person, book: number): Promise<string> {
  return (await person.api<{ status: string }>(`api/books/${book}`)).status;
}

/** The chapter as the server has it. */
export async function chapterOf(
  person: Person,
  book: number,
  chapter: number,
): Promise<{ readonly text: string; readonly done: boolean }> {
  return person.api(`api/books/${book}/chapters/${chapter}`);
}

/** What of a text can be read, whether it is Markdown or on a page: each letter and digit, in order. */
export function readable(text: string): string {
  return text
    .replaceAll(/\]\([^)\s]*\)/g, "]")
    .replaceAll(/^```\w*$/gm, "")
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}
