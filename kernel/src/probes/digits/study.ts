// All trials of the experiment on spoken digits, each kept as soon as it is done.
import type { MixerName } from "../../bestrq";
import { loadDigits } from "../../corpora";
import { tf } from "../../tensor";
import { type DigitResults, type DigitRow, noDigits, readDigits, writeDigits } from "./results";
import { type DigitSettings, digitSettings, trialsOf } from "./settings";
import { encoderTrial, filterbankTrial, splitDigits } from "./trials";

/** Hears how far the experiment is: what is being done, the trials done before it, all of them, and the share done of it. */
export type TellTrial = (what: string, done: number, trials: number, share: number) => void;

/** How {@link digits} runs. */
export interface DigitOptions extends Partial<DigitSettings> {
  /** Default: all five. */
  readonly mixers?: readonly MixerName[];
  /** Default: 1, 2, 3. */
  readonly seeds?: readonly number[];
  /** File of results: trials that it holds are not run again (default: none is written). */
  readonly out?: string;
  readonly tell?: TellTrial;
}

/**
 * The experiment that asks whether encoders learn: `tiny` models are pre-trained on the training split of the Free Spoken
 * Digit Dataset and frozen. Linear probes for digit and speaker are trained on that split, too, and tried on the other:
 * on the encoder's states, on those of the same encoder with random weights, and on the filterbank.
 *
 * @param folder the recordings
 * @throws Error where the folder holds no such recordings, or `out` the results of other settings
 * @example
 * const results = await probes.digits("free-spoken-digit-dataset/recordings", { mixers: ["mamba"], seeds: [1] });
 * display(probes.digitTable(results));
 */
export async function digits(folder: string, options: DigitOptions = {}): Promise<DigitResults> {
  const { out, mixers, seeds, tell = () => {}, ...given } = options;
  const settings: DigitSettings = { ...digitSettings, ...given };
  let results = out ? readDigits(out, settings) : noDigits(settings);
  const keep = (rows: readonly DigitRow[]) => {
    results = { ...results, rows: [...results.rows, ...rows] };
    if (out) writeDigits(out, results);
  };
  const wanted = trialsOf(mixers, seeds);
  const isMissing = (mixer?: MixerName, seed?: number) =>
    !results.rows.some((row) => row.mixer === mixer && row.seed === seed);
  const missing = wanted.filter(({ mixer, seed }) => isMissing(mixer, seed));
  if (missing.length === 0 && !isMissing()) return results;
  const speech = splitDigits((await loadDigits(folder)).utterances);
  try {
    if (isMissing()) keep(await filterbankTrial(speech, settings));
    for (const [index, trial] of missing.entries()) {
      const at = (step: number, note = "") => {
        const what = `${trial.mixer}, seed ${trial.seed}${note}`;
        tell(what, wanted.length - missing.length + index, wanted.length, step / settings.steps);
      };
      at(0);
      keep(await encoderTrial(speech, trial, settings, (step, loss) => at(step, `, loss ${loss.toFixed(2)}`)));
    }
  } finally {
    tf.dispose([...speech.features]);
  }
  return results;
}
