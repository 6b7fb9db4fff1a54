// Notebooks as a kernel would have left them.
import { type Displayable, displaySymbol, type MimeBundle } from "bestrq/figures";

/** A notebook whose cells show these figures or bundles. */
export function executed(outputs: readonly (Displayable | MimeBundle)[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: outputs.map((output, index) => ({
      cell_type: "code",
      id: `cell${index}`,
      execution_count: index + 1,
      metadata: {},
      source: `figure${index}`,
      outputs: [{ output_type: "display_data", metadata: {}, data: formats(output) }],
    })),
  };
}

const formats = (output: Displayable | MimeBundle) =>
  displaySymbol in output ? (output as Displayable)[displaySymbol]() : output;
