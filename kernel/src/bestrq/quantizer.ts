import { type Random, tf } from "../tensor";

/** Sizes and switches of a {@link Quantizer}. */
export interface QuantizerOptions {
  /** Width of the features that make one code: stacked frames × mel bands (paper: 4 × 80). */
  readonly inputs: number;
  /** Entries of the codebook (paper: 8192). */
  readonly codes: number;
  /** Width of a code (paper: 16). */
  readonly codeWidth: number;
  /** What a projected frame is normalised over: its code's width (default), or time, as the authors did by mistake. */
  readonly normaliseOver?: "code" | "time";
}

/**
 * BEST-RQ's random-projection quantizer (Chiu et al. 2022, arXiv:2202.01855): nothing in it is learnt.
 * Stacked features x are projected, p = x P / ‖x P‖, and become the index of the nearest code of a random codebook.
 */
export class Quantizer {
  /** P [inputs, codeWidth], uniform Xavier, not trained. */
  readonly projection: tf.Variable<tf.Rank.R2>;
  /** [codes, codeWidth], rows of length 1, not trained. */
  readonly codebook: tf.Variable<tf.Rank.R2>;

  constructor(
    readonly options: QuantizerOptions,
    random: Random,
  ) {
    const { inputs, codes, codeWidth } = options;
    const bound = Math.sqrt(6 / (inputs + codeWidth));
    const fixed = (values: () => tf.Tensor) => tf.tidy(() => tf.variable(values() as tf.Tensor2D, false));
    this.projection = fixed(() => random.fork("projection").uniform([inputs, codeWidth], -bound, bound));
    this.codebook = fixed(() => unit(random.fork("codebook").normal([codes, codeWidth], 0, 1), -1));
  }

  /**
   * features [B, T, mels] → code of each group of stacked frames, int32 [B, ⌊T / stacked⌋].
   *
   * @throws RangeError where whole frames do not make up a code's inputs, or T is too short for one
   */
  targets(features: tf.Tensor3D): tf.Tensor2D {
    const { inputs, codeWidth, codes, normaliseOver = "code" } = this.options;
    const [batch, frames, mels] = features.shape;
    const stacked = inputs / mels;
    const groups = Math.floor(frames / stacked);
    if (!Number.isInteger(stacked) || groups === 0) {
      throw new RangeError(
        `Cannot quantize features of shape [${features.shape}]: ${inputs} numbers make a code, so there must be at least ` +
          `${inputs / mels} frames, a whole number`,
      );
    }
    return tf.tidy(() => {
      const groupsOfFrames = features.slice([0, 0, 0], [-1, groups * stacked, -1]).reshape([-1, inputs]);
      const projected = tf.matMul(groupsOfFrames as tf.Tensor2D, this.projection).reshape([batch, groups, codeWidth]);
      const query = unit(projected, normaliseOver === "time" ? 1 : -1).reshape([-1, codeWidth]) as tf.Tensor2D;
      // ‖c − q‖² = ‖q‖² − 2 (q · c − ‖c‖² / 2): the nearest code has the largest bracket.
      const closeness = tf.matMul(query, this.codebook, false, true).sub(this.codebook.square().sum(1).div(2));
      return closeness.reshape([batch, groups, codes]).argMax(-1) as tf.Tensor2D;
    });
  }

  dispose(): void {
    this.projection.dispose();
    this.codebook.dispose();
  }
}

const unit = (x: tf.Tensor, axis: number): tf.Tensor => x.div(x.square().sum(axis, true).sqrt().maximum(1e-12));
