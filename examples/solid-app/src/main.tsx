import { render } from "solid-js/web";
import "@inkwire/client/theme.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { App } from "./App.tsx";

render(() => <App />, document.body);
