import { BestRq, type MixerName } from "bestrq/bestrq";
import { tf } from "bestrq/tensor";

/** The mixers that SpeechBrain has itself. */
export const theirMixers = ["mhsa", "hypermixing"] as const;

/** A model of the sizes in make.py, as SpeechBrain computes it. */
export const modelLikeTheirs = (mixer: MixerName, seed = 1): BestRq =>
  new BestRq({
    ...{ mixer, size: "tiny", seed, width: 16, heads: 2, layers: 2, feedForward: 24, kernel: 7, channels: [8, 4] },
    ...{ codes: 32, codeWidth: 8, symmetricPositions: true, leakPadding: true },
  });

/** Logits over the codes [B, ⌈T / 4⌉, codes]. */
export const logitsOf = (model: BestRq, features: tf.Tensor3D, lengths: readonly number[]): tf.Tensor3D =>
  tf.tidy(() => model.head(model.encode({ features, lengths })));
