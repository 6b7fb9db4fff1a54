import type { BestRq } from "../../bestrq";
import type { FeatureSource } from "../../corpora";
import { host } from "../../figures";
import { alone, type Communicator } from "../../parallel";
import { Random } from "../../tensor";
import { JsonLines, type MetricsSink, type StepMetrics, TensorBoard } from "../metrics";
import type { Recipe } from "../recipe";
import type { Signature } from "../signatures/signature";
import type { CheckpointState } from "./checkpoint";
import { TrainingData } from "./data";
import { RunFolder, restore, restoreStep } from "./folder";
import { foretold, lookOn, type Statistics, statisticsOf } from "./lookOn";
import { Run, stopped } from "./run";
import { split } from "./split";
import { disposeTrained, type Trained, untrained } from "./trained";
import { Validation } from "./validation";

/** How {@link run} goes. */
export interface RunOptions {
  /** Folder of the run: recipe, metrics and checkpoints. Without it nothing is written. */
  readonly out?: string;
  /** Goes on with the run in that folder, if there is one. Without it, a folder with a run is refused. */
  readonly resume?: boolean;
  /** Speech to validate on (default: a share of the other, held out, as the recipe says). */
  readonly validation?: FeatureSource;
  /** The processes that train together (default: this one alone). */
  readonly communicator?: Communicator;
  /** Ends the run after the step it is at, with a checkpoint (default: when the notebook's cell is interrupted). */
  readonly signal?: AbortSignal;
  /** Where the metrics of each step go, beside the folder. Closed with the run. */
  readonly sinks?: readonly MetricsSink[];
  /**
   * Looks at each step, in the process that writes, and says what goes wrong (default: a {@link Watch}); see
   * {@link StepMetrics.signatures}. When a run goes on, it is first given the steps that were done, without the model.
   */
  watch?(metrics: StepMetrics, model?: BestRq): readonly Signature[] | Promise<readonly Signature[]>;
  /**
   * Lets the default {@link watch} look at the model's maps after each validation (default: it does not):
   * `(model, features) => maps.statistics(model, features, { influence: { method: "estimate" } })`.
   */
  readonly statistics?: Statistics;
  /** Told what a reader should know (default: `console.warn`). */
  onMessage?(message: string): void;
}

/**
 * Begins a pre-training run, or goes on with one. Everything that it draws depends on the recipe's seed, the step and the
 * batch alone, so that a run that was killed goes on, on the CPU bit for bit, as if it had not been; and neither the number
 * of processes nor their order matters beyond rounding.
 *
 * @param recipe what decides the run
 * @param speech what it is trained on; to be closed by its owner, after the run
 * @throws RangeError where the speech or the processes do not fit the recipe
 * @throws Error where the folder has a run that is not to go on, or another one; where it is in use, or not to be written
 * @example
 * const recipe = new train.Recipe({ mixer: "summarymixing", size: "tiny", steps: 2, batches: { seconds: 12 } });
 * const { utterances } = await audio.load("data/speech");
 * const run = await train.run(recipe, corpora.inMemory(utterances)); // { out: "runs/first" } keeps it
 * for await (const { step, loss, codesInUse } of run) console.log(step, loss, codesInUse);
 * run.model; // trained
 * run.dispose();
 */
export async function run(recipe: Recipe, speech: FeatureSource, options: RunOptions = {}): Promise<Run> {
  const { out, resume = false, validation, communicator = alone, onMessage = console.warn } = options;
  const signal = options.signal ?? host()?.signal; // that of this cell
  const { training, heldOut } = split(recipe, speech, validation);
  if (communicator.size > recipe.accumulation) {
    throw new RangeError(
      `Cannot share a step of ${recipe.accumulation} batches among ${communicator.size} processes: accumulation must be at least their number`,
    );
  }
  const record = { recipe: { ...recipe }, speech: speech.fingerprint, validation: validation?.fingerprint };
  await stopped(); // the cell before may have been interrupted in this very run
  const writes = out !== undefined && communicator.rank === 0;
  const folder = writes ? await RunFolder.open(out, record, { resume }) : undefined;
  const trained = untrained(recipe);
  try {
    const found =
      out !== undefined && resume ? await restoreTogether(out, trained, communicator, onMessage) : undefined;
    const random = new Random(recipe.seed).fork("run");
    const at: CheckpointState = found ?? { step: 0, position: { epoch: 0, batch: 0 }, random: random.state };
    random.state = at.random;
    const { batches, accumulation } = recipe;
    const onSkipped = (skipped: readonly { path: string; reason: string }[]) => {
      for (const { path, reason } of skipped) onMessage(`${path} is left out: ${reason}`);
    };
    const order = random.fork("order");
    const data = new TrainingData(speech, training, batches, accumulation, communicator, order, at.position, onSkipped);
    const set = heldOut && new Validation(heldOut.source, heldOut.utterances, batches, random.fork("validation"));
    if (communicator.rank === 0) {
      for (const { message } of foretold(recipe, trained.model, speech.seconds, training)) onMessage(message);
    }
    const { statistics } = options;
    const mapsOf = statistics && heldOut && statisticsOf(statistics, heldOut, trained.normaliser);
    const { watch = lookOn(recipe, mapsOf) } = options;
    const sinks = [...(options.sinks ?? [])];
    if (folder) {
      const lines = new JsonLines(folder.metricsPath, { after: at.step });
      for (const metrics of JsonLines.read(folder.metricsPath)) await watch(metrics);
      sinks.unshift(lines, new TensorBoard(folder.path, { after: at.step }));
    }
    return new Run(recipe, trained, at, {
      data,
      set,
      random,
      folder,
      sinks,
      signal,
      communicator,
      watch,
    });
  } catch (error) {
    folder?.close();
    disposeTrained(trained);
    throw error;
  }
}

/** The first process finds the newest checkpoint that is whole; the others take the same. */
async function restoreTogether(
  out: string,
  trained: Trained,
  communicator: Communicator,
  onDamaged: (message: string) => void,
): Promise<CheckpointState | undefined> {
  const isFirst = communicator.rank === 0;
  const found = isFirst ? await restore(out, trained, onDamaged) : undefined;
  const step = new Float64Array([found?.step ?? 0]);
  await communicator.sum(step);
  if (isFirst || step[0] === 0) return found;
  return restoreStep(out, step[0], trained);
}
