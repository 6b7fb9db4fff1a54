// A mixer run by itself, and mapped: what it showed, and the native map of one utterance of the batch.
import { configure, type MixerName, makeMixer } from "bestrq/bestrq";
import { nativeMap } from "bestrq/maps/native";
import { type Taps, tapsOf } from "bestrq/maps/taps";
import { initialise, type Parameters, type Spec } from "bestrq/nn";
import { Random, span, type tf } from "bestrq/tensor";
import { batchOf } from "../batch";

/** Prime wherever sizes are free. */
export const sizes = {
  width: 21,
  heads: 3,
  feedForward: 33,
  summaryMixing: { localHidden: 11, local: 17, summaryHidden: 19 },
  mamba: { states: 5 },
};

/** Two utterances of normal noise, the second one padded. */
export function mixed(name: MixerName, [longer, shorter]: readonly [number, number]) {
  const heads = name === "summarymixing" ? 1 : sizes.heads;
  const mixer = makeMixer(configure({ mixer: name, size: "tiny", ...sizes, heads }));
  const random = new Random(7);
  const parameters = initialise(mixer.spec, random.fork("parameters")) as Parameters<Spec>;
  const x = random.normal([2, longer, sizes.width], 0, 1) as tf.Tensor3D;
  const apply = (input: tf.Tensor3D, lengths = [longer, shorter]) =>
    mixer.apply(parameters as never, input, batchOf(lengths, longer));
  return { parameters, x, apply, taps: shownBy(() => apply(x)) };
}

/** What a mixer shows in the first layer of an encoder. */
export const shownBy = (body: () => tf.Tensor): Taps =>
  tapsOf([0], () => span("encoder", () => span("0", () => span("mixer", body))))[0];

/** Its map of an utterance with so many frames. */
export const mapOf = (name: MixerName, taps: Taps, row: number, frames: number, channel?: number) =>
  nativeMap(name, taps, { row, frames, channel });

/** A panel as rows. */
export const rowsOf = async ({
  shape: [, columns],
  values,
}: Awaited<ReturnType<typeof nativeMap>>["panels"][number]) => {
  const flat = await values();
  return Array.from({ length: flat.length / columns }, (_, row) => [...flat.slice(row * columns, (row + 1) * columns)]);
};
