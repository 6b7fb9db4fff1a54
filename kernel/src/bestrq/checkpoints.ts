// Models in files: ours and SpeechBrain's, read as data whoever made them.
import { tf, writeSafetensors } from "../tensor";
import { type Keys, placesOf } from "./checkpoints/places";
import { readCheckpoint } from "./checkpoints/read";
import { compare, type LoadReport, objection } from "./checkpoints/report";
import type { BestRq } from "./model";

export { loadNormalisation } from "./checkpoints/normalisation";
export { readCheckpoint } from "./checkpoints/read";
export type { LoadReport } from "./checkpoints/report";

/**
 * Takes the parameters and the quantizer of a checkpoint into a model of the same sizes. The checkpoint is a file that
 * {@link saveCheckpoint} wrote, SpeechBrain's `model.ckpt` of a BEST-RQ model, the same as safetensors, or SpeechBrain's
 * folder `save/CKPT+...`, in which newer recipes keep quantizer and head beside the model.
 *
 * All is compared first, names, shapes, types and checksums. If anything is missing, unexpected or of the wrong shape,
 * one error names it all and the model stays as it was.
 *
 * @param options `strict: false` takes what fits and leaves the rest, as the report says.
 * @throws Error if it cannot be read, or does not fit
 *
 * @example
 * const model = new BestRq({ mixer: "mhsa", symmetricPositions: true, leakPadding: true }); // as SpeechBrain computes
 * await loadCheckpoint(model, "/home/me/brq/model.ckpt");
 * const { missing } = await loadCheckpoint(model, "/home/me/brq/encoder-only.ckpt", { strict: false });
 */
export async function loadCheckpoint(
  model: BestRq,
  path: string,
  { strict = true }: { readonly strict?: boolean } = {},
): Promise<LoadReport> {
  const file = await readCheckpoint(path);
  try {
    const ours = placesOf(model, "bestrq");
    const places = ours.some(({ key }) => file.has(key)) ? ours : placesOf(model, "speechbrain");
    const report = compare(file, places);
    const objected = strict ? objection(report) : undefined;
    if (objected) {
      throw new Error(
        `Cannot load ${path} into ${model}: its tensors must be the model's, got${objected}\n` +
          `Nothing was changed; { strict: false } takes what fits${hint(report)}`,
      );
    }
    for (const name of report.loaded) file.check(name);
    const taken = new Set(report.loaded);
    for (const place of places.filter(({ key }) => taken.has(key))) {
      tf.tidy(() => place.read(file.tensor(place.key))); // one at a time: the model is in memory once
    }
    return report;
  } finally {
    file.close();
  }
}

/** SpeechBrain's newer recipes save in three files what was one. */
const hint = ({ missing }: LoadReport): string =>
  missing.includes("2.P") && missing.includes("3.w.weight")
    ? "; quantizer and head may lie in quantizer.ckpt and linear.ckpt beside it: give the folder's path to read all three"
    : "";

/**
 * Writes a model, quantizer included, as safetensors, which Python's `safetensors` reads. Its metadata tell the
 * configuration (JSON) and the seed.
 *
 * @param options `keys`: names and layouts of our own parameters (default), or those of SpeechBrain's state dict.
 * @throws Error if it cannot be written; what was there before stays then
 *
 * @example
 * await saveCheckpoint(model, "model.safetensors", { keys: "speechbrain" });
 */
export async function saveCheckpoint(
  model: BestRq,
  path: string,
  { keys = "bestrq" }: { readonly keys?: Keys } = {},
): Promise<void> {
  const tensors = placesOf(model, keys).map(({ key, shape, write }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = async () => {
      const written = tf.tidy(write); // when its turn comes: never two copies of the model
      const values = await written.data(); // not in tf.tidy, which would look for tensors in every one of the values
      written.dispose();
      return values;
    };
    return [key, { dtype: "float32", shape, size, data }] as const;
  });
  const metadata = { format: "bestrq", keys, configuration: JSON.stringify(model.config), seed: String(model.seed) };
  await writeSafetensors(path, Object.fromEntries(tensors), metadata);
}
