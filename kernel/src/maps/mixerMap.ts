import type { BestRq, MixerName } from "../bestrq";
import { tf } from "../tensor";
import { FrameCurves, FrameMap, type FrameMapFields } from "./frameMap";
import { type InputOptions, type MapInput, type Prepared, prepare } from "./input";
import { nativeMap } from "./native";
import { tapsOf } from "./taps";

/** What {@link mixerMap} maps. */
export interface MixerMapOptions extends InputOptions {
  /** Counted from 0 (default 0). */
  readonly layer?: number;
  /** One channel of Mamba's scan, counted from 0, with its signs (default: magnitudes averaged over all channels). */
  readonly channel?: number;
}

/** Who hears whom in one layer of a model, for one utterance, as its mechanism itself says. */
export class MixerMap extends FrameMap {
  constructor(
    fields: FrameMapFields,
    readonly mixer: MixerName,
    /** Counted from 0. */
    readonly layer: number,
    /**
     * Other matrices of the mechanism: HyperMixing's two mixing matrices [T, K], Fastformer's weights [heads, T], Mamba's
     * directions one by one. MHSA and SummaryMixing have none.
     */
    readonly matrices?: FrameMap,
    /**
     * What it says of each frame: Fastformer's query and key weights, SummaryMixing's contributions and local shares,
     * Mamba's step sizes. MHSA and HyperMixing have none.
     */
    readonly curves?: FrameCurves,
  ) {
    super(fields);
  }
}

/**
 * The native map of one layer's mixer: attention for MHSA, the product of the mixing matrices for HyperMixing, the key
 * weights for Fastformer, local and summary shares for SummaryMixing, hidden attention for Mamba; one matrix [T, T] a
 * head. Rows are shares, which sum to 1, but for HyperMixing and Mamba, whose weights are magnitudes.
 *
 * Memory grows with T until a matrix is asked for; that is made in tiles, one at a time.
 *
 * @param input a recording, or features [T, mels] normalised as for training, or a batch of them
 * @throws RangeError where the model has no such layer, the batch no such utterance, the scan no such channel
 * @example
 * const model = new BestRq({ mixer: "mhsa", size: "tiny" });
 * const map = await maps.mixerMap(model, tf.zeros([44, 80]), { layer: 1 });
 * map.panels.length; // 4
 * map.panels[0].shape; // [11, 11]
 * const attention = await map.panels[0].values();
 * attention.length; // 121
 * map
 * @example
 * const mamba = new BestRq({ mixer: "mamba", size: "tiny" });
 * const map = await maps.mixerMap(mamba, tf.ones([40, 80]));
 * display(map.curves); // the step size over time
 * display(map.matrices); // each direction by itself
 */
export async function mixerMap(model: BestRq, input: MapInput, options: MixerMapOptions = {}): Promise<MixerMap> {
  const { layer = 0 } = options;
  return (await mixerMaps(model, input, { ...options, layers: [layer] }))[0];
}

/** The maps of several layers, from one pass through the model. */
export async function mixerMaps(
  model: BestRq,
  input: MapInput,
  options: InputOptions & { readonly layers: readonly number[]; readonly channel?: number },
): Promise<MixerMap[]> {
  checkLayers(model, options.layers);
  const prepared = await prepare(model, input, options);
  const taps = tapsOf(options.layers, () => model.encode(prepared.batch, { blocks: Math.max(...options.layers) + 1 }));
  try {
    const made: MixerMap[] = [];
    for (const [index, layer] of options.layers.entries()) {
      const native = await nativeMap(model.config.mixer, taps[index], { ...prepared, channel: options.channel });
      made.push(asMap(model.config.mixer, layer, native, prepared));
    }
    return made;
  } finally {
    tf.dispose(taps.flatMap((one) => [...one.values()]));
    prepared.dispose();
  }
}

/** 0 to L − 1. */
export const allLayers = ({ config }: BestRq): number[] => Array.from({ length: config.layers }, (_, layer) => layer);

/** @throws RangeError where the model has no such layer */
export function checkLayers({ config }: BestRq, layers: readonly number[]): void {
  for (const layer of layers) {
    if (Number.isInteger(layer) && layer >= 0 && layer < config.layers) continue;
    throw new RangeError(`Cannot map layer ${layer}: the model has layers 0 to ${config.layers - 1}`);
  }
}

function asMap(
  mixer: MixerName,
  layer: number,
  { panels, diverging, matrices, curves }: Awaited<ReturnType<typeof nativeMap>>,
  { frameSeconds, along }: Prepared,
): MixerMap {
  const place = `${mixer}, layer ${layer}`;
  const common = { frameSeconds, along };
  return new MixerMap(
    { title: `${place}: which frame hears which`, panels, colourLabel: "weight", diverging, ...common },
    mixer,
    layer,
    matrices &&
      new FrameMap({
        ...common,
        y: { label: "frame", unit: "frame", scale: frameSeconds },
        ...matrices,
        title: `${place}: ${matrices.title}`,
      }),
    curves && new FrameCurves(`${place}: ${curves.title}`, curves.quantities, frameSeconds),
  );
}
