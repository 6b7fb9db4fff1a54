import { tf } from "../../tensor";
import { readCheckpoint } from "./read";

/** Averages over utterances, as `audio.GlobalNormalisation` takes them for its `state`. */
export interface Normalisation {
  /** What the averages were taken over: utterances, as the paper's code counted; frames in newer SpeechBrain. */
  readonly count: number;
  /** [mels] */
  readonly mean: tf.Tensor1D;
  /** [mels] */
  readonly std: tf.Tensor1D;
}

/**
 * Reads what SpeechBrain's `InputNormalization` saved: `normalizer.ckpt` of the paper's models, `normalize.ckpt` of its
 * newer recipes. What was kept for single speakers is left out. Freeze the normalisation before going on: the two count
 * differently. Dispose `mean` and `std` after use.
 *
 * @throws Error if it cannot be read, or holds no averages over utterances
 *
 * @example
 * const normalisation = new audio.GlobalNormalisation();
 * normalisation.state = await loadNormalisation("/home/me/brq/normalizer.ckpt");
 */
export async function loadNormalisation(path: string): Promise<Normalisation> {
  const file = await readCheckpoint(path);
  try {
    const counted = file.has("count") ? tf.tidy(() => file.tensor("count").dataSync()[0]) : file.metadata.count;
    const count = Number(counted);
    const [mean, std] = ["glob_mean", "glob_std"].map((name) => (file.has(name) ? file.shape(name) : []));
    if (!(count >= 1) || mean.length !== 1 || mean[0] === 0 || std.join() !== mean.join()) {
      throw new Error(
        `Cannot read ${path} as a normalisation: it must hold a count from 1 on, glob_mean [mels] and glob_std [mels], ` +
          `got count ${counted}, [${mean}] and [${std}]; only norm_type "global" keeps them`,
      );
    }
    const values = (name: string) => tf.tidy(() => file.tensor(name).toFloat()) as tf.Tensor1D;
    return { count, mean: values("glob_mean"), std: values("glob_std") };
  } finally {
    file.close();
  }
}
