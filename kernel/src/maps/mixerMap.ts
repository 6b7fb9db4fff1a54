import type { BestRq, MixerName } from "../bestrq";
import { type Displayable, displaySymbol, heatmap } from "../figures";
import { tf } from "../tensor";
import { nativeMap, type Panel } from "./native";
import { tapsOf } from "./taps";

/** Who hears whom in one layer of a model, for one utterance. A notebook shows it as a heatmap per head. */
export class MixerMap implements Displayable {
  constructor(
    readonly mixer: MixerName,
    /** Counted from 0. */
    readonly layer: number,
    /** Seconds of speech that a frame stands for. */
    readonly frameSeconds: number,
    /** One matrix [T, T] per head: row i = output frame, column j = input frame. */
    readonly panels: readonly Panel[],
  ) {}

  [displaySymbol]() {
    const frames = { unit: "frame", scale: this.frameSeconds };
    const figure = heatmap({
      title: `${this.mixer}, layer ${this.layer}: which frame hears which`,
      panels: this.panels,
      x: { label: "input", ...frames },
      y: { label: "output", ...frames },
      colourLabel: "weight",
    });
    return figure[displaySymbol]();
  }
}

/**
 * The native map of one layer's mixer: attention for MHSA, the product of the mixing matrices for HyperMixing, the key
 * weights for Fastformer, local and summary shares for SummaryMixing, hidden attention for Mamba.
 *
 * @param features [T, mels], one utterance, normalised as for training
 * @param options.layer counted from 0 (default 0)
 * @throws RangeError where the model has no such layer
 * @example
 * const model = new BestRq({ mixer: "mhsa", size: "tiny" });
 * const map = await maps.mixerMap(model, tf.zeros([44, 80]), { layer: 1 });
 * map.panels.length; // 4
 * map.panels[0].shape; // [11, 11]
 * map
 */
export async function mixerMap(
  model: BestRq,
  features: tf.Tensor2D,
  { layer = 0 }: { layer?: number } = {},
): Promise<MixerMap> {
  const { layers, mixer } = model.config;
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
    throw new RangeError(`Cannot map layer ${layer}: the model has layers 0 to ${layers - 1}`);
  }
  const batch = { features: features.expandDims(0) as tf.Tensor3D, lengths: [features.shape[0]] };
  const taps = tapsOf(layer, () => model.encode(batch));
  try {
    return new MixerMap(mixer, layer, 0.01 * model.stride, await nativeMap(mixer, taps));
  } finally {
    tf.dispose([batch.features, ...taps.values()]);
  }
}
