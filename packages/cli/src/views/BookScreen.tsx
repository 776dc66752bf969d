import { Box, Static, Text } from "ink";

export interface BookScreenProps {
  /** Lines that stay: they only ever grow, and scroll up like any output. */
  readonly told: readonly string[];
  /** Lines at the bottom that the next frame replaces. */
  readonly live: readonly string[];
}

/** What was told, above what goes on now. Lines come ready: this only puts each on one row. */
export function BookScreen({ told, live }: BookScreenProps) {
  return (
    <>
      <Static items={[...told]}>{(line, index) => <Line key={index} text={line} />}</Static>
      <Box flexDirection="column">
        {live.map((line, row) => (
          // oxlint-disable-next-line react/no-array-index-key -- a row has no identity but its place
          <Line key={row} text={line} />
        ))}
      </Box>
    </>
  );
}

function Line({ text }: { readonly text: string }) {
  // An empty text takes no row.
  return <Text wrap="truncate-end">{text === "" ? " " : text}</Text>;
}
