// All trials of the experiment on spoken digits, each kept as soon as it is done.
import { type MixerName, mixerNames } from "../../bestrq";
import { loadDigits } from "../../corpora";
import { tf } from "../../tensor";
import { type DigitResults, type DigitRow, noDigits, readDigits, writeDigits } from "./results";
import { type DigitSettings, digitSettings, firstTested } from "./settings";
import { encoderTrial, featuresOf, filterbankTrial, splitDigits } from "./trials";

/** Hears how far the experiment is: what is being done, the trials done before it, all of them, and the share done of it. */
export type TellTrial = (what: string, done: number, trials: number, share: number) => void;

/** How {@link digits} runs. */
export interface DigitOptions extends Partial<DigitSettings> {
  /** Default: all five. */
  readonly mixers?: readonly MixerName[];
  /** 1 to 9 (default: 1, 2, 3): each is tested on recordings of its own. */
  readonly seeds?: readonly number[];
  /** File of results: trials that it holds are not run again (default: none is written). */
  readonly out?: string;
  readonly tell?: TellTrial;
}

/**
 * The experiment that asks whether encoders learn: `tiny` models are pre-trained on nine tenths of the Free Spoken Digit
 * Dataset and frozen. Linear probes for digit and speaker are trained on these, too, and tried on the tenth that the seed
 * leaves out: on the encoder's states, on those of the same encoder with random weights, and on the filterbank.
 *
 * @param folder the recordings
 * @throws Error where the folder holds no such recordings, or `out` the results of other settings
 * @throws RangeError for a seed that is not 1 to 9
 * @example
 * const results = await probes.digits("free-spoken-digit-dataset/recordings", { mixers: ["mamba"], seeds: [1] });
 * display(probes.digitTable(results));
 */
export async function digits(folder: string, options: DigitOptions = {}): Promise<DigitResults> {
  const { out, mixers = mixerNames, seeds = [1, 2, 3], tell = () => {}, ...given } = options;
  seeds.forEach(firstTested);
  const settings: DigitSettings = { ...digitSettings, ...given };
  let results = out ? readDigits(out, settings) : noDigits(settings);
  const keep = (rows: readonly DigitRow[]) => {
    results = { ...results, rows: [...results.rows, ...rows] };
    if (out) writeDigits(out, results);
  };
  const isMissing = (seed: number, mixer?: MixerName) =>
    !results.rows.some((row) => row.seed === seed && row.mixer === mixer);
  const trials = seeds.flatMap((seed) => mixers.map((mixer) => ({ seed, mixer })));
  const unfinished = seeds.filter((seed) => [undefined, ...mixers].some((mixer) => isMissing(seed, mixer)));
  if (unfinished.length === 0) return results;
  const { utterances } = await loadDigits(folder);
  // All splits before the first trial: one that cannot be made is told at once.
  for (const split of unfinished.map((seed) => splitDigits(utterances, seed))) {
    const { seed } = split;
    const speech = { ...split, features: featuresOf(split) };
    try {
      if (isMissing(seed)) keep(await filterbankTrial(speech, settings));
      for (const mixer of mixers.filter((mixer) => isMissing(seed, mixer))) {
        const done = trials.filter(({ seed, mixer }) => !isMissing(seed, mixer)).length;
        const at = (step: number, note = "") =>
          tell(`${mixer}, seed ${seed}${note}`, done, trials.length, step / settings.steps);
        at(0);
        keep(await encoderTrial(speech, mixer, settings, (step, loss) => at(step, `, loss ${loss.toFixed(2)}`)));
      }
    } finally {
      tf.dispose(speech.features);
    }
  }
  return results;
}
