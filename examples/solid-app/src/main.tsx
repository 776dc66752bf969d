import { render } from "solid-js/web";
import "@inkwire/client/theme.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { App } from "./App.tsx";

/** How long a page waits for its face. */
const FACE_MS = 500;

// The face first: a text that changes it while it is read would jump. What comes later than that is for the next visit.
const faces = ["1em", "italic 1em", "600 1em"].map((cut) => document.fonts.load(`${cut} Vollkorn`));
await Promise.race([
  Promise.allSettled(faces),
  new Promise((resolve) => {
    setTimeout(resolve, FACE_MS);
  }),
]);
render(() => <App />, document.body);
