// One trial: a model with random weights is probed, pre-trained, and probed again.
import { filterbank, type Utterance } from "../../audio";
import { BestRq, type MixerName } from "../../bestrq";
import { joinUtterances, parseDigitName } from "../../corpora";
import { Random, tf } from "../../tensor";
import { FeatureBatches, pretrain } from "../../train";
import { averageFeatures, averageStates } from "../averages";
import { linear } from "../linear";
import type { DigitRow } from "./results";
import { type DigitSettings, firstTested, isTested, repetitions } from "./settings";

/** What is trained on and what is tested with a seed. */
export interface DigitSplit {
  readonly seed: number;
  readonly train: readonly Utterance[];
  readonly test: readonly Utterance[];
}

export interface DigitSpeech extends DigitSplit {
  /** [T, mels] of each recording, those of `train` first; not normalised. */
  readonly features: tf.Tensor2D[];
}

/**
 * Splits recordings by what a seed leaves out for its test.
 *
 * @throws Error where nothing is left on either side
 */
export function splitDigits(utterances: readonly Utterance[], seed: number): DigitSplit {
  const of = (tested: boolean) =>
    utterances.filter(({ name }) => isTested(parseDigitName(name)?.index ?? -1, seed) === tested);
  const [train, test] = [of(false), of(true)];
  if (train.length === 0 || test.length === 0)
    throw new Error(
      `Cannot probe with seed ${seed}: there must be recordings {digit}_{speaker}_{index} whose index is ${firstTested(seed)} ` +
        `to ${firstTested(seed) + repetitions - 1}, for the test, and others, got ${test.length} and ${train.length}`,
    );
  return { seed, train, test };
}

/** Features of all recordings of a split. The caller disposes them. */
export const featuresOf = ({ train, test }: DigitSplit): tf.Tensor2D[] =>
  [...train, ...test].map(({ waveform }) => filterbank(waveform));

/** What probes find in the features alone. */
export async function filterbankTrial(speech: DigitSpeech, settings: DigitSettings): Promise<DigitRow[]> {
  const rows: DigitRow[] = [];
  for (const source of ["filterbank", "filterbank, mean and deviation"] as const) {
    const states = averageFeatures(speech.features, { deviation: source !== "filterbank" });
    rows.push(...(await probed({ source }, states, speech, settings)));
    states.dispose();
  }
  return rows;
}

/**
 * What probes find in a `tiny` encoder, before and after pre-training. The seed of the split decides weights, quantizer,
 * batches and masks, too. `tell` hears of every step.
 */
export async function encoderTrial(
  speech: DigitSpeech,
  mixer: MixerName,
  settings: DigitSettings,
  tell: (step: number, loss: number) => void = () => {},
): Promise<DigitRow[]> {
  const { seed } = speech;
  const { steps, learningRate, seconds, batchSize, maskProbability } = settings;
  const random = new Random(seed).fork("join");
  const multiple = 4 * Math.ceil((100 * seconds + 1) / 4); // one length for all batches, compiled once
  const batches = new FeatureBatches(joinUtterances(speech.train, { seconds, random }), { batchSize, seed, multiple });
  const features = speech.features.map((one) => batches.normalisation.apply(one));
  const model = new BestRq({ mixer, size: "tiny", seed, maskProbability });
  const look = async (about: Pick<DigitRow, "source"> & Partial<DigitRow>) => {
    const states = await averageStates(model, features);
    const rows = await probed({ mixer, ...about }, states, speech, settings);
    states.dispose();
    return rows;
  };
  try {
    const before = await look({ source: "random weights" });
    const [losses, accuracies]: [number[], number[]] = [[], []];
    for await (const { step, loss, accuracy } of pretrain(model, batches, { steps, learningRate, seed })) {
      losses.push(loss);
      accuracies.push(accuracy);
      tell(step, loss);
    }
    const late = (values: number[]) => rounded(mean(values.slice(-50)));
    return [...before, ...(await look({ source: "pre-trained", loss: late(losses), masked: late(accuracies) }))];
  } finally {
    tf.dispose(features);
    model.dispose();
    batches.dispose();
  }
}

/** Both targets' probes on averaged states, those that are trained on first. */
async function probed(
  about: Pick<DigitRow, "source"> & Partial<DigitRow>,
  states: tf.Tensor3D,
  { seed, train, test }: DigitSpeech,
  { probeSteps }: DigitSettings,
): Promise<DigitRow[]> {
  const part = (from: number, count: number) => states.slice([0, from, 0], [-1, count, -1]);
  const [trained, tested] = [part(0, train.length), part(train.length, test.length)];
  const rows: DigitRow[] = [];
  for (const target of ["digit", "speaker"] as const) {
    const labels = (utterances: readonly Utterance[]) => utterances.map((utterance) => labelOf(utterance, target));
    const { accuracy, right, layerWeights } = await linear(
      {
        train: { states: trained, labels: labels(train) },
        test: { states: tested, labels: labels(test) },
      },
      { steps: probeSteps },
    );
    rows.push({
      ...about,
      seed,
      target,
      accuracy: rounded(accuracy.share),
      low: rounded(accuracy.low),
      high: rounded(accuracy.high),
      layer_weights: layerWeights.map(rounded),
      right: right.map(Number).join(""),
    });
  }
  tf.dispose([trained, tested]);
  return rows;
}

const labelOf = ({ name, speaker }: Utterance, target: DigitRow["target"]): string =>
  String(target === "speaker" ? speaker : parseDigitName(name)?.digit);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number) => Number(value.toFixed(4));
