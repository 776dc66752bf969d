// The provider of `pnpm bench generation`, a process of its own: an OpenAI-compatible server that streams books of a given
// size at a given pace, so that what it costs is not in the figures.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const WORDS = "the tide came over the flats and left what it had carried by the old mill".split(
  " ",
);
const head = { id: "c", object: "chat.completion.chunk", created: 1, model: "bench" };
/** @param {Record<string, unknown>} delta @param {string | null} finish */
const event = (delta, finish = null) =>
  `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const end = `${event({}, "stop")}data: ${JSON.stringify({
  ...head,
  choices: [],
  usage: { prompt_tokens: 500, completion_tokens: 500, total_tokens: 1000 },
})}\n\ndata: [DONE]\n\n`;

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.destroy(error));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(request, response) {
  // `/<tokens a chapter>/<tokens a second, 0: at once>/v1/chat/completions`
  const [, tokens = "0", pace = "0"] = (request.url ?? "").split("/");
  let body = "";
  for await (const piece of request) body += String(piece);
  const { messages } = JSON.parse(body);
  const prompt = String(messages.at(-1)?.content ?? "");
  response.writeHead(200, { "content-type": "text/event-stream" });
  const perSecond = Number(pace);
  if (perSecond > 0) await sleep(300);
  const chapters = /Plan a book in (\d+)/.exec(prompt)?.[1];
  if (prompt.startsWith("[inkwire outline") || chapters !== undefined) {
    response.end(event({ content: outline(Number(chapters ?? 1), Number(tokens)) }) + end);
    return;
  }
  const startedAt = performance.now();
  for (let sent = 0; sent < Number(tokens) && !response.destroyed;) {
    // As many as the clock says are due, one event each, as providers send them.
    const due = perSecond > 0 ? ((performance.now() - startedAt) / 1000) * perSecond : sent + 50;
    let text = "";
    for (; sent < Math.min(due, Number(tokens)); sent += 1) text += event({ content: word(sent) });
    if (text !== "" && !response.write(text)) await new Promise((go) => response.once("drain", go));
    await (perSecond > 0 ? sleep(10) : sleep(0));
  }
  response.end(end);
}

/** @param {number} at */
function word(at) {
  const text = WORDS[at % WORDS.length] ?? "";
  if (at % 12 === 0) return ` ${text[0]?.toUpperCase()}${text.slice(1)} ${at}`;
  const stop = at % 12 === 11 ? "." : "";
  return ` ${text}${stop}${at % 120 === 119 ? "\n\n" : ""}`;
}

/** @param {number} count @param {number} words */
function outline(count, words) {
  const chapters = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    title: `Part ${index + 1}`,
    summary: `What happens in part ${index + 1}, told so that one could write it.`,
    words,
  }));
  return JSON.stringify({ premise: "The sea gives and takes.", chapters });
}
