import { type Displayable, displaySymbol, type MimeBundle, table } from "../figures";
import { countParameters, type Spec } from "../nn";
import type { BestRqConfig } from "./config";
import type { encoder } from "./encoder";
import type { frontEnd } from "./frontEnd";

/** One line of a {@link Summary}. */
export interface SummaryRow {
  /** Where it is in the model; parameters and operations of all conformer blocks are taken together. */
  readonly layer: string;
  /** Shape of what it gives for one utterance. */
  readonly output: readonly number[];
  readonly parameters: number;
  /** Floating-point operations, matrix products and convolutions alone, a multiplication and an addition counting two. */
  readonly flops: number;
}

/** A model layer by layer, for audio of some length: a table in a notebook and in a terminal. */
export class Summary implements Displayable {
  constructor(
    /** What model it is. */
    readonly title: string,
    readonly rows: readonly SummaryRow[],
    /** Length of the audio that shapes and operations are for. */
    readonly seconds: number,
  ) {}

  /** All parameters. */
  get parameters(): number {
    return this.rows.reduce((sum, { parameters }) => sum + parameters, 0);
  }

  /** All floating-point operations. */
  get flops(): number {
    return this.rows.reduce((sum, { flops }) => sum + flops, 0);
  }

  toString(): string {
    return String(this[displaySymbol]()["text/plain"]);
  }

  [displaySymbol](): MimeBundle {
    const total = { layer: "all", output: [], parameters: this.parameters, flops: this.flops };
    const columns = [
      "layer",
      { key: "output", format: (shape: unknown) => (shape as number[]).join(" × ") },
      { key: "parameters", format: (count: unknown) => Number(count).toLocaleString("en") },
      {
        key: "flops",
        label: "GFLOP",
        format: (count: unknown) => (count === 0 ? "" : (Number(count) / 1e9).toFixed(3)),
      },
    ];
    const shown = table([...this.rows, total], { columns })[displaySymbol]() as MimeBundle;
    const heading = `${this.title}; a forward pass over ${this.seconds} s`;
    return {
      ...shown,
      "text/markdown": `${heading}\n\n${shown["text/markdown"]}`,
      "text/plain": `${heading}\n\n${shown["text/plain"]}`,
    };
  }
}

interface Layers {
  readonly front: ReturnType<typeof frontEnd>;
  readonly body: ReturnType<typeof encoder>;
  readonly spec: { readonly head: Spec };
}

/** The layers of a model and what they do with one utterance of so many feature frames. */
export function rowsOf({ front, body, spec }: Layers, config: BestRqConfig, frames: number): SummaryRow[] {
  const { layers, width, codes, mixer } = config;
  const convolutions = front.blocks(frames);
  const [encoded] = convolutions[convolutions.length - 1].output;
  const row = (layer: string, part: Spec, flops: number, times = 1, output = [encoded, width]): SummaryRow => ({
    layer,
    output,
    parameters: times * countParameters(part),
    flops: times * flops,
  });
  const { block } = body;
  const flops = block.flopsOfParts(encoded);
  const all = layers === 1 ? "0" : `0–${layers - 1}`;
  const inLayers = (name: string, parts: Spec, flopsOfOne: number) =>
    row(`encoder.layers.${all}.${name}`, parts, flopsOfOne, layers);
  const { feedForward1, mixerNorm, mixer: mixing, convolution, feedForward2, norm } = block.spec;
  return [
    ...convolutions.map(({ output, flops }, index) => row(`frontEnd.${index}`, front.spec[index], flops, 1, output)),
    row("encoder.input", body.spec.input, 2 * encoded * front.width * width),
    inLayers("feedForward1", feedForward1, flops.feedForward1),
    inLayers(`mixer (${mixer})`, [mixerNorm, mixing], flops.mixer),
    inLayers("convolution", convolution, flops.convolution),
    inLayers("feedForward2", feedForward2, flops.feedForward2),
    inLayers("norm", norm, 0),
    row("encoder.norm", body.spec.norm, 0),
    row("head", spec.head, 2 * encoded * width * codes, 1, [encoded, codes]),
  ];
}
