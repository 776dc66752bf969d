import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Page } from "../parts/Page.tsx";

export function NotFound(): JSX.Element {
  return (
    <Page title="This page is missing" class="narrow">
      <p>It may have been torn out, or the address has a slip of the pen in it.</p>
      <p>
        <A href="/">Back to the desk</A>
      </p>
    </Page>
  );
}
