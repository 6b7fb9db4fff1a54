import { conformer, framePositions, layerNorm, layerNormSpec, linear, linearSpec, type Parameters } from "../nn";
import { jit, type Random, span, type tf } from "../tensor";
import type { BestRqConfig } from "./config";
import { dropoutOf } from "./dropout";
import { makeMixer } from "./mixers";

/** Mixers that know no order of their own and so have sine positions added to the encoder's input. */
const needsPositions = ["fastformer", "summarymixing", "mamba"];

/** Frames for which the authors' encoder has positions: 100 s. */
const positionTable = 2500;

/** How an encoder is applied. */
export interface EncoderOptions {
  /** Receives the L + 1 hidden states. */
  readonly states?: tf.Tensor3D[];
  readonly random?: Random;
  readonly skip?: (layer: number) => boolean;
  /** How many blocks are run, from the first (default: all). */
  readonly blocks?: number;
}

/**
 * The encoder: linear map to the model's width, positions where the mixer needs them, conformer blocks, layer norm
 * (epsilon 1e-6). Taking states lists the L + 1 hidden states that probes weigh: the blocks' input and each block's
 * output.
 */
export function encoder(config: BestRqConfig, inputs: number) {
  const { width, layers } = config;
  const block = conformer(makeMixer(config), config);
  const maxFrames = config.finitePositions ? positionTable : undefined;
  const isPositioned = needsPositions.includes(config.mixer);
  const spec = {
    input: linearSpec(inputs, width),
    layers: Array.from({ length: layers }, () => block.spec),
    norm: layerNormSpec(width),
  };
  type P = Parameters<typeof spec>;

  const patient = { patient: true };
  // What is compiled takes the weights as arguments: one compilation serves all layers.
  const input = jit((p: P["input"], x: tf.Tensor3D, random?: Random) => {
    const projected = dropoutOf(config.dropout, random)(linear(p, x));
    return (isPositioned ? projected.add(framePositions(x.shape[1], width, maxFrames)) : projected) as tf.Tensor3D;
  }, patient);
  const layer = jit(
    (p: P["layers"][number], x: tf.Tensor3D, mask: tf.Tensor3D, random?: Random) =>
      block.apply(p, x, { mask, dropout: dropoutOf(config.dropout, random) }),
    patient,
  );
  const norm = jit((p: P["norm"], x: tf.Tensor3D) => layerNorm(p, x, 1e-6), patient);

  return {
    spec,
    /** The block that all layers repeat, each with parameters of its own. */
    block,
    /**
     * x [B, T, inputs] → hidden [B, T, D]; `mask` [B, T, 1] says which frames are speech. While training, `random` decides
     * dropout, and `skip(layer)` which blocks layer drop leaves out.
     */
    apply(
      p: P,
      x: tf.Tensor3D,
      mask: tf.Tensor3D,
      { states, random, skip = () => false, blocks }: EncoderOptions = {},
    ): tf.Tensor3D {
      let hidden = span("input", () => input(p.input, x, random));
      states?.push(hidden);
      p.layers.slice(0, blocks).forEach((weights, index) => {
        if (!skip(index)) hidden = span(String(index), () => layer(weights, hidden, mask, random));
        states?.push(hidden);
      });
      return span("norm", () => norm(p.norm, hidden));
    },
    /** Frees what was compiled. */
    dispose(): void {
      for (const one of [input, layer, norm]) one.dispose();
    },
    /** Floating-point operations of one utterance of so many encoder frames. */
    flops: (frames: number) => 2 * frames * inputs * width + layers * block.flops(frames),
  };
}
