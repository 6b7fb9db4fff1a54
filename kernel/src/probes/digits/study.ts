// All trials of the experiment on spoken digits, each kept as soon as it is done.
import { loadDigits } from "../../corpora";
import { type DigitResults, type DigitRow, readDigits, writeDigits } from "./results";
import { type DigitSettings, digitSettings } from "./settings";
import { encoderTrial, filterbankTrial } from "./trials";

/** Hears how far it is: what is being done, the trials done before it and all of them, and the share of it done. */
export type TellTrial = (what: string, trial: number, trials: number, share: number) => void;

/** How {@link digits} runs. */
export interface DigitOptions extends Partial<DigitSettings> {
  /** File of results: trials that it holds are not run again (default: none is written). */
  readonly out?: string;
  readonly tell?: TellTrial;
}

/**
 * The experiment that asks whether encoders learn: each mixer's is pre-trained on the training split of the Free Spoken
 * Digit Dataset, and linear probes for digit and speaker are trained on its frozen states, on those of the same encoder
 * with random weights, and on the filterbank.
 *
 * @param folder the recordings
 * @throws Error where the folder holds no such recordings, or `out` the results of other settings
 */
export async function digits(
  folder: string,
  { out, tell = () => {}, ...given }: DigitOptions = {},
): Promise<DigitResults> {
  const settings: DigitSettings = { ...digitSettings, ...given };
  let results: DigitResults = out ? readDigits(out, settings) : { format: 1, settings, rows: [] };
  const wanted = settings.mixers.flatMap((mixer) => settings.seeds.map((seed) => ({ mixer, seed })));
  const missing = wanted.filter(({ mixer, seed }) => !results.rows.some((row) => row.mixer === mixer && row.seed === seed)); // biome-ignore format: one line
  const done = wanted.length - missing.length;
  const keep = (rows: readonly DigitRow[]) => {
    results = { ...results, rows: [...results.rows, ...rows] };
    if (out) writeDigits(out, results);
  };
  const needsFilterbank = !results.rows.some(({ mixer }) => mixer === undefined);
  if (!needsFilterbank && missing.length === 0) return results;
  const speech = {
    train: (await loadDigits(folder, { split: "train" })).utterances,
    test: (await loadDigits(folder, { split: "test" })).utterances,
  };
  if (needsFilterbank) keep(await filterbankTrial(speech));
  for (const [index, trial] of missing.entries()) {
    const at = (step: number, note: string) =>
      tell(`${trial.mixer}, seed ${trial.seed}${note}`, done + index, wanted.length, step / settings.steps);
    at(0, "");
    keep(await encoderTrial(speech, trial, settings, (step, loss) => at(step, `, loss ${loss.toFixed(2)}`)));
  }
  return results;
}
