// A chapter's text on the page. `<Index>` keeps what was made of a block while its source is the same, and of the last one,
// which grows, only what is in it changes.
import { safeLink } from "@inkwire/client";
import { createMemo, For, Index, Match, Show, Switch, type Accessor, type JSX } from "solid-js";
import { Dynamic } from "solid-js/web";
import { parseBlock, parseInline, type Block, type Inline } from "./blocks.ts";

interface ProseProps {
  readonly blocks: readonly string[];
  readonly chapterUrl: (number: number) => string;
}

export function Prose(props: ProseProps): JSX.Element {
  return (
    <Index each={props.blocks}>
      {(source) => <OneBlock source={source} chapterUrl={props.chapterUrl} />}
    </Index>
  );
}

type Of<K extends Block["kind"]> = Extract<Block, { readonly kind: K }>;

function OneBlock(props: {
  readonly source: Accessor<string>;
  readonly chapterUrl: ProseProps["chapterUrl"];
}): JSX.Element {
  const block = createMemo(() => parseBlock(props.source()));
  const as = <K extends Block["kind"]>(kind: K): Of<K> | undefined => {
    const one = block();
    return one.kind === kind ? (one as Of<K>) : undefined;
  };
  const Text = (text: { readonly of: string }): JSX.Element => (
    <For each={parseInline(text.of)}>
      {(node) => <OneInline node={node} chapterUrl={props.chapterUrl} />}
    </For>
  );
  return (
    <Switch>
      <Match when={as("paragraph")}>
        {(one) => (
          <p>
            <Text of={one().text} />
          </p>
        )}
      </Match>
      <Match when={as("heading")}>
        {/* The page's own heading is above: a chapter's begin below it. */}
        {(one) => (
          <Dynamic component={`h${Math.min(6, Math.max(2, one().level))}`}>
            <Text of={one().text} />
          </Dynamic>
        )}
      </Match>
      <Match when={as("list")}>
        {(one) => (
          <Dynamic component={one().start === undefined ? "ul" : "ol"} start={one().start}>
            <Index each={one().items}>
              {(item) => (
                <li>
                  <Text of={item()} />
                </li>
              )}
            </Index>
          </Dynamic>
        )}
      </Match>
      <Match when={as("quote")}>
        {(one) => (
          <blockquote>
            <Prose blocks={one().blocks} chapterUrl={props.chapterUrl} />
          </blockquote>
        )}
      </Match>
      <Match when={as("table")}>
        {(one) => (
          <div class="table" tabindex="0" role="group" aria-label="Table">
            <table>
              <thead>
                <tr>
                  <Index each={one().head}>
                    {(cell, column) => (
                      <Show
                        when={cell()}
                        fallback={<td data-numeric={one().isNumeric[column] ? "" : undefined} />}
                      >
                        <th scope="col" data-numeric={one().isNumeric[column] ? "" : undefined}>
                          <Text of={cell()} />
                        </th>
                      </Show>
                    )}
                  </Index>
                </tr>
              </thead>
              <tbody>
                <Index each={one().rows}>
                  {(row) => (
                    <tr>
                      <Index each={row()}>
                        {(cell, column) => (
                          <td data-numeric={one().isNumeric[column] ? "" : undefined}>
                            <Text of={cell()} />
                          </td>
                        )}
                      </Index>
                    </tr>
                  )}
                </Index>
              </tbody>
            </table>
          </div>
        )}
      </Match>
      <Match when={as("code")}>
        {(one) => (
          <pre tabindex="0" role="group" aria-label="Quoted as it stands">
            {one().text}
          </pre>
        )}
      </Match>
      <Match when={as("rule")}>
        <hr />
      </Match>
    </Switch>
  );
}

function OneInline(props: {
  readonly node: Inline;
  readonly chapterUrl: ProseProps["chapterUrl"];
}): JSX.Element {
  // A node is never changed, only replaced.
  const { node } = props;
  if (node.kind === "text") return node.text;
  if (node.kind === "code") return <code>{node.text}</code>;
  const inside = (
    <For each={node.inside}>{(one) => <OneInline node={one} chapterUrl={props.chapterUrl} />}</For>
  );
  if (node.kind === "strong") return <strong>{inside}</strong>;
  if (node.kind === "em") return <em>{inside}</em>;
  const chapter = /^chapter:(\d+)$/.exec(node.href)?.[1];
  const href = chapter === undefined ? safeLink(node.href) : props.chapterUrl(Number(chapter));
  return (
    <Show when={href} fallback={inside}>
      {(safe) => (
        <a href={safe()} rel="nofollow noopener">
          {inside}
        </a>
      )}
    </Show>
  );
}
