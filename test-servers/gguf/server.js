// A small OpenAI-compatible server over one GGUF file: real tokens, real timing, real cancelling, no network.
// Usage: node server.js <file.gguf> [port]       prints one line of JSON, {"url": ...}, when it is ready.
import { createServer } from "node:http";
import { basename, resolve } from "node:path";
import { createModel } from "./model.js";

const maxBodyBytes = 4_194_304;

const [file, port = "0"] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node server.js <file.gguf> [port]");
  process.exit(2);
}
const name = basename(file, ".gguf");
const model = await createModel(resolve(file));

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    if (response.headersSent) response.destroy(error);
    else sendJson(response, error.status ?? 500, { error: { message: error.message } });
  });
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/v1`, model: name }));
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));

async function handle(request, response) {
  const route = `${request.method} ${request.url}`;
  if (route === "GET /v1/models") {
    sendJson(response, 200, { object: "list", data: [{ id: name, object: "model" }] });
  } else if (route === "GET /stats") {
    sendJson(response, 200, model.stats());
  } else if (route === "POST /v1/chat/completions") {
    await complete(await readJson(request), response);
  } else {
    sendJson(response, 404, { error: { message: `no ${route}` } });
  }
}

async function complete(body, response) {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw refusal("messages: expected a list");
  }
  if (body.model !== name) throw Object.assign(refusal(`no model ${body.model}`), { status: 404 });

  // Whoever hangs up is not written for any longer.
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const head = { id: `chat-${Date.now()}`, created: Math.floor(Date.now() / 1000), model: name };
  const event = (choices, rest = {}) => {
    const chunk = { ...head, object: "chat.completion.chunk", choices, ...rest };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choice = (delta, finish_reason = null) => [{ index: 0, delta, finish_reason }];

  const options = {
    prompt: promptOf(body.messages),
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    temperature: body.temperature,
    seed: body.seed,
    schema: body.response_format?.json_schema?.schema,
    signal: gone.signal,
  };
  if (body.stream !== true) {
    const { text, finish, usage } = await model.complete({ ...options, onText: () => {} });
    const message = { role: "assistant", content: text };
    const choices = [{ index: 0, message, finish_reason: finish }];
    sendJson(response, 200, { ...head, object: "chat.completion", choices, usage });
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  const onText = (content) => event(choice({ content }));
  const { finish, usage } = await model.complete({ ...options, onText });
  if (gone.signal.aborted) return;
  event(choice({}, finish));
  if (body.stream_options?.include_usage === true) event([], { usage });
  response.end("data: [DONE]\n\n");
}

/** A model that knows no roles goes on with the last text there is: its own, where it was cut, else the user's. */
function promptOf(messages) {
  const own = messages.findLast(({ role }) => role === "assistant");
  const { content } = own ?? messages.at(-1);
  return typeof content === "string" ? content : JSON.stringify(content);
}

async function readJson(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw Object.assign(refusal("too large"), { status: 413 });
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw refusal("expected JSON");
  }
}

function refusal(message) {
  return Object.assign(new Error(message), { status: 400 });
}

function sendJson(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
