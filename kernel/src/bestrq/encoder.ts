import {
  type Batch,
  conformer,
  framePositions,
  layerNorm,
  layerNormSpec,
  linear,
  linearSpec,
  type Parameters,
} from "../nn";
import { span, type tf } from "../tensor";
import type { BestRqConfig } from "./config";
import { makeMixer } from "./mixers";

/** Mixers that know no order of their own and so have sine positions added to the encoder's input. */
const needsPositions = ["fastformer", "summarymixing", "mamba"];

/** Frames for which the authors' encoder has positions: 100 s. */
const positionTable = 2500;

/**
 * The encoder: linear map to the model's width, positions where the mixer needs them, conformer blocks, layer norm
 * (epsilon 1e-6). Taking states lists the L + 1 hidden states that probes weigh: the blocks' input and each block's
 * output.
 */
export function encoder(config: BestRqConfig, inputs: number) {
  const { width, layers } = config;
  const block = conformer(makeMixer(config), config);
  const maxFrames = config.finitePositions ? positionTable : undefined;
  const spec = {
    input: linearSpec(inputs, width),
    layers: Array.from({ length: layers }, () => block.spec),
    norm: layerNormSpec(width),
  };
  return {
    spec,
    /** The block that all layers repeat, each with parameters of its own. */
    block,
    /** x [B, T, inputs] → hidden [B, T, D]; `skip(layer)` says which blocks layer drop leaves out. */
    apply(
      p: Parameters<typeof spec>,
      x: tf.Tensor3D,
      batch: Batch,
      { states, skip = () => false }: { states?: tf.Tensor3D[]; skip?: (layer: number) => boolean } = {},
    ): tf.Tensor3D {
      let hidden = span("input", () => {
        const projected = batch.dropout(linear(p.input, x));
        const positioned = needsPositions.includes(config.mixer);
        return positioned ? projected.add(framePositions(x.shape[1], width, maxFrames)) : projected;
      }) as tf.Tensor3D;
      states?.push(hidden);
      p.layers.forEach((layer, index) => {
        if (!skip(index)) hidden = span(String(index), () => block.apply(layer, hidden, batch));
        states?.push(hidden);
      });
      return span("norm", () => layerNorm(p.norm, hidden, 1e-6));
    },
    /** Floating-point operations of one utterance of so many encoder frames. */
    flops: (frames: number) => 2 * frames * inputs * width + layers * block.flops(frames),
  };
}
