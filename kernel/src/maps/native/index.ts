// What each mechanism itself says about which frame hears which. Another mixer enters the maps by a line here.
import type { MixerName } from "../../bestrq";
import type { tf } from "../../tensor";
import type { Taps } from "../taps";
import { fastformerMap } from "./fastformer";
import { hypermixingMap } from "./hypermixing";
import { mambaMap } from "./mamba";
import { mhsaMap } from "./mhsa";
import type { Native, Shown } from "./native";
import { summarymixingMap } from "./summarymixing";

const nativeMaps: Record<MixerName, (shown: Shown) => Promise<Native>> = {
  mhsa: mhsaMap,
  hypermixing: hypermixingMap,
  fastformer: fastformerMap,
  summarymixing: summarymixingMap,
  mamba: mambaMap,
};

/** The native map of one utterance, a row of the batch, from what its mixer tapped. */
export function nativeMap(
  mixer: MixerName,
  taps: Taps,
  { row, frames, channel }: { row: number; frames: number; channel?: number },
): Promise<Native> {
  const tap = (name: string) => {
    const tensor = taps.get(name);
    if (!tensor) throw new Error(`Cannot map ${mixer}: it showed no "${name}", but ${[...taps.keys()].join(", ")}`);
    return tensor;
  };
  const own: Shown["own"] = (name, time) => {
    const whole = tap(name);
    const [, ...shape] = whole.shape;
    const begin = shape.map(() => 0);
    if (time) {
      if (time.reversed) begin[time.axis] = shape[time.axis] - frames; // padding comes first
      shape[time.axis] = frames;
    }
    return whole.slice([row, ...begin], [1, ...shape]).squeeze([0]) as tf.Tensor;
  };
  return nativeMaps[mixer]({ frames, tap, own, channel, has: (name) => taps.has(name) });
}
