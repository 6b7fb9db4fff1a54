// One trial: a model with random weights is probed, pre-trained, and probed again.
import { filterbank, type GlobalNormalisation, type Utterance } from "../../audio";
import { BestRq, type MixerName } from "../../bestrq";
import { joinUtterances } from "../../corpora";
import { Random, tf } from "../../tensor";
import { FeatureBatches, pretrain } from "../../train";
import { averageFeatures, averageStates } from "../averages";
import { labelsOf, probe } from "../linear";
import type { DigitRow, Source } from "./results";
import type { DigitSettings } from "./settings";

/** The two splits of the set. */
export interface DigitSpeech {
  readonly train: readonly Utterance[];
  readonly test: readonly Utterance[];
}

const targets = { digit: "text", speaker: "speaker" } as const;

/** What probes find in the features alone. */
export async function filterbankTrial(speech: DigitSpeech): Promise<DigitRow[]> {
  const features = [...speech.train, ...speech.test].map(({ waveform }) => filterbank(waveform));
  const rows: DigitRow[] = [];
  for (const deviation of [false, true]) {
    const states = averageFeatures(features, { deviation });
    const source = deviation ? "filterbank, mean and deviation" : "filterbank";
    rows.push(...(await probed({ source }, states, speech)));
    states.dispose();
  }
  tf.dispose(features);
  return rows;
}

/** What probes find in an encoder, before and after pre-training on the training split. `tell` hears of every step. */
export async function encoderTrial(
  speech: DigitSpeech,
  { mixer, seed }: { readonly mixer: MixerName; readonly seed: number },
  settings: DigitSettings,
  tell: (step: number, loss: number) => void = () => {},
): Promise<DigitRow[]> {
  const { size, steps, learningRate, seconds, batchSize, maskProbability } = settings;
  const random = new Random(seed).fork("join");
  const utterances = seconds > 0 ? joinUtterances(speech.train, { seconds, random }) : speech.train;
  const batches = new FeatureBatches(utterances, { batchSize, seed });
  const features = normalised([...speech.train, ...speech.test], batches.normalisation);
  const model = new BestRq({ mixer, size, seed, maskProbability });
  const look = async (row: { readonly source: Source } & Partial<DigitRow>) => {
    const states = await averageStates(model, features);
    const rows = await probed({ mixer, seed, ...row }, states, speech);
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
    const late = (values: number[]) => rounded(mean(values.slice(-100)));
    return [...before, ...(await look({ source: "pre-trained", loss: late(losses), masked: late(accuracies) }))];
  } finally {
    tf.dispose(features);
    model.dispose();
    batches.dispose();
  }
}

/** Both targets' probes on averaged states, the training split's first. */
async function probed(
  about: Pick<DigitRow, "source"> & Partial<DigitRow>,
  states: tf.Tensor3D,
  { train, test }: DigitSpeech,
): Promise<DigitRow[]> {
  const rows: DigitRow[] = [];
  const part = (from: number, count: number) => states.slice([0, from, 0], [-1, count, -1]);
  const [trained, tested] = [part(0, train.length), part(train.length, test.length)];
  for (const target of ["digit", "speaker"] as const) {
    const { accuracy, right, layerWeights, penalty } = await probe({
      train: { states: trained, labels: labelsOf(train, targets[target]) },
      test: { states: tested, labels: labelsOf(test, targets[target]) },
    });
    rows.push({
      ...about,
      target,
      accuracy: rounded(accuracy.share),
      low: rounded(accuracy.low),
      high: rounded(accuracy.high),
      penalty,
      layer_weights: layerWeights.map(rounded),
      right: right.map(Number).join(""),
    });
  }
  tf.dispose([trained, tested]);
  return rows;
}

function normalised(utterances: readonly Utterance[], normalisation: GlobalNormalisation): tf.Tensor2D[] {
  return utterances.map(({ waveform }) => tf.tidy(() => normalisation.apply(filterbank(waveform))));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number) => Number(value.toFixed(4));
