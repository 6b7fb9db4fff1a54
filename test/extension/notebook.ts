// Notebooks as a kernel would have left them.
import { type Displayable, displaySymbol, type MimeBundle } from "bestrq/figures";

/** A notebook whose cells show these figures or bundles. */
export async function executed(outputs: readonly (Displayable | MimeBundle)[]): Promise<object> {
  const bundles = await Promise.all(outputs.map(formats));
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: bundles.map((data, index) => ({
      cell_type: "code",
      id: `cell${index}`,
      execution_count: index + 1,
      metadata: {},
      source: `figure${index}`,
      outputs: [{ output_type: "display_data", metadata: {}, data }],
    })),
  };
}

const formats = async (output: Displayable | MimeBundle): Promise<object> =>
  displaySymbol in output ? (output as Displayable)[displaySymbol]() : output;
