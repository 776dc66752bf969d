import { createClient, createToasts, type Client } from "../../src/index.js";

declare global {
  interface Window {
    tab: {
      readonly client: Client;
      readonly heard: string[];
      /** How many streams it has opened itself. */
      streams: number;
      /** What it shows, or has in line to show. */
      readonly shown: () => string[];
    };
  }
}

/** The script of a page of an application, with the token in its address. */
const client = createClient({
  url: "/",
  token: location.hash.slice(1),
  fetch: (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : input, location.href);
    if (href.includes("/events")) window.tab.streams += 1;
    return fetch(input, init);
  },
});
const toasts = createToasts(client, { maxVisible: 100 });
window.tab = {
  client,
  heard: [],
  streams: 0,
  shown: () => toasts.get().visible.map(({ id }) => id),
};
client.on("notification", ({ data }) => window.tab.heard.push(data.id));
client.connect();
