/** A model server on this machine: where its OpenAI-compatible interface is. */
export interface LocalEndpoint {
  /** For people. */
  readonly name: string;
  /** `http://127.0.0.1:11434/v1` */
  readonly baseUrl: string;
}

/** One that answered, with the models that can write, in its own order. */
export interface LocalServer extends LocalEndpoint {
  readonly models: readonly string[];
}

/** Where the usual local servers listen unless told otherwise. */
export const localEndpoints: readonly LocalEndpoint[] = Object.freeze([
  { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
  { name: "llama.cpp", baseUrl: "http://127.0.0.1:8080/v1" },
  { name: "vLLM", baseUrl: "http://127.0.0.1:8000/v1" },
  { name: "Jan", baseUrl: "http://127.0.0.1:1337/v1" },
]);

/** Asks which of `endpoints` answer. Injected in tests. */
export type ProbeLocalServers = (
  endpoints: readonly LocalEndpoint[],
) => Promise<readonly LocalServer[]>;

/** For all of them together: closed ports answer at once, and this is what a silent one may cost a start. */
const probeCapMs = 300;
const maxAnswerBytes = 1_048_576;

/** Models that give numbers, sounds or pictures instead of text, by what their makers call them. */
const writesNothing =
  /embed|bge-|(?:^|[/-])e5-|minilm|rerank|whisper|(?:^|[/-])tts|clip|stable-diffusion/i;
/** What a book's request takes as the name of a model. */
const usableName = /^[^\s\p{C}]{1,180}$/u;

/**
 * Which of `endpoints` answer `GET /models` within 300 ms, in their order, and with which models. Asks all at once,
 * follows no redirect, sends no key, and touches nothing but loopback addresses: others are left out.
 */
export const probeLocalServers: ProbeLocalServers = async (endpoints) => {
  const signal = AbortSignal.timeout(probeCapMs);
  const asked = endpoints.filter(({ baseUrl }) => isLoopback(baseUrl));
  const found = await Promise.all(
    asked.map(async ({ name, baseUrl }): Promise<LocalServer> => {
      const models = await listModels(baseUrl, signal).catch(() => []);
      return { name, baseUrl, models };
    }),
  );
  return found.filter(({ models }) => models.length > 0);
};

/** Whether a URL leads to this machine and nowhere else, by its text alone: no name but `localhost` is looked up. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

async function listModels(baseUrl: string, signal: AbortSignal): Promise<readonly string[]> {
  const response = await fetch(`${baseUrl.replace(/\/+$/, "")}/models`, {
    headers: { accept: "application/json" },
    // A redirect could lead off this machine.
    redirect: "error",
    signal,
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return [];
  }
  return modelNames(JSON.parse(await readBounded(response.body)));
}

async function readBounded(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new RangeError("a list of models over 1 MiB");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** `{data: [{id}]}`, the list of OpenAI's interface. */
function modelNames(answer: unknown): readonly string[] {
  const data = isRecord(answer) ? answer["data"] : undefined;
  if (!Array.isArray(data)) return [];
  return data
    .map((entry: unknown) => (isRecord(entry) ? entry["id"] : undefined))
    .filter(
      (id): id is string =>
        typeof id === "string" && usableName.test(id) && !writesNothing.test(id),
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
