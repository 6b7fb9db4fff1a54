// Parts of an encoder as functions of their input frames, to differentiate.
import { type BestRq, makeMixer } from "../bestrq";
import { conformer, layerNorm, type Parameters, paddingMask, type Spec } from "../nn";
import { jit, tf } from "../tensor";
import type { Prepared } from "./input";
import { type Plain, read } from "./native/plain";
import { tapsOf } from "./taps";

/**
 * What is differentiated: one layer's mixer alone, without the residual around it; one conformer block; or the encoder from
 * the first block's input to its output.
 */
export type Part = "mixer" | "block" | "encoder";

/** A part at work on one utterance. */
export interface WorkingPart {
  /** What it is given [T, D]. */
  readonly input: Plain;
  /** x [N, T, D] → [N, T, D], each utterance by itself. */
  apply(x: tf.Tensor3D): tf.Tensor3D;
  /** Floating-point operations of it for one utterance. */
  readonly flops: number;
  /** Frees what was compiled. */
  dispose(): void;
}

/** A part of the model, and what it is given where the model hears the utterance. */
export async function workingPart(model: BestRq, part: Part, layer: number, prepared: Prepared): Promise<WorkingPart> {
  const { config, parameters } = model;
  const { batch, row, frames } = prepared;
  const mixer = makeMixer(config);
  const block = conformer(mixer, config);
  const layers = parameters.encoder.layers as unknown as Parameters<typeof block.spec>[];

  const states: tf.Tensor3D[] = [];
  const [taps] = tapsOf([layer], () => model.encode(batch, { states, blocks: layer + 1 }));
  const given = { mixer: taps.get("mixer input") as tf.Tensor3D, block: states[layer], encoder: states[0] };
  try {
    const { input } = await read(() => ({ input: given[part].slice([row, 0, 0], [1, frames, -1]).squeeze([0]) }));
    const batchOf = (x: tf.Tensor3D) => ({
      mask: paddingMask(Array(x.shape[0]).fill(frames), frames),
      dropout: <T extends tf.Tensor>(y: T) => y,
    });
    const mixed = jit((p: Parameters<Spec>, x: tf.Tensor3D) => mixer.apply(p, x, batchOf(x)), { patient: true });
    const blocked = jit((p: (typeof layers)[0], x: tf.Tensor3D) => block.apply(p, x, batchOf(x)), { patient: true });
    const apply: Record<Part, WorkingPart["apply"]> = {
      mixer: (x) => mixed(layers[layer].mixer as Parameters<Spec>, x),
      block: (x) => blocked(layers[layer], x),
      encoder: (x) => {
        const hidden = layers.reduce((state, weights) => blocked(weights, state), x);
        return layerNorm(parameters.encoder.norm, hidden, 1e-6);
      },
    };
    const flops = {
      mixer: mixer.flops(frames),
      block: block.flops(frames),
      encoder: config.layers * block.flops(frames),
    };
    const dispose = () => [mixed, blocked].map((one) => one.dispose());
    return { input, apply: apply[part], flops: flops[part], dispose };
  } finally {
    tf.dispose([...states, ...taps.values()]);
  }
}
