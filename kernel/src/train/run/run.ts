import type { BestRq } from "../../bestrq";
import { host } from "../../figures";
import type { Communicator } from "../../parallel";
import { jit, type Random } from "../../tensor";
import { type MetricsSink, peakMemory, type StepMetrics } from "../metrics";
import { noam } from "../noam";
import type { Recipe } from "../recipe";
import { type StepBatch, type TrainingStep, trainingSteps } from "../steps";
import type { CheckpointState } from "./checkpoint";
import { batchOf, type Position, type TrainingData } from "./data";
import type { RunFolder } from "./folder";
import type { RunOptions } from "./start";
import { disposeTrained, type Trained } from "./trained";
import type { Validation } from "./validation";

const secondsOfFrame = 0.01;

interface Parts {
  readonly data: TrainingData;
  readonly set?: Validation;
  readonly random: Random;
  readonly folder?: RunFolder;
  readonly sinks: readonly MetricsSink[];
  readonly signal?: AbortSignal;
  readonly communicator: Communicator;
  readonly watch: NonNullable<RunOptions["watch"]>;
}

/** Runs that were told to stop and are not done with that: the step that they are at, and its checkpoint. */
const stopping = new Set<Promise<void>>();

/** Waits until the runs of this process that were told to stop have saved what they have; for a minute at most. */
export async function stopped(): Promise<void> {
  if (stopping.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const minute = new Promise((resolve) => {
    timer = setTimeout(resolve, 60_000);
  });
  await Promise.race([Promise.all(stopping), minute]);
  clearTimeout(timer);
}

/** A pre-training run: what `for await` gives step by step. It can be gone through once. */
export class Run implements AsyncIterable<StepMetrics> {
  /** Steps done, those before a resumption included. */
  step: number;
  private position: Position;
  private score?: number;
  private saved: number;
  /** What it waits for between two steps: whoever goes through it. */
  private isIdle = true;
  /** Ends that an interrupt waits for the step. */
  private release?: () => void;
  private ended?: Promise<void>;
  private settle: () => void = () => {};
  private readonly over = new Promise<void>((resolve) => {
    this.settle = resolve;
  });
  private learnedFrom = 0;

  /** @internal See {@link run}. */
  constructor(
    readonly recipe: Recipe,
    private readonly trained: Trained,
    { step, position, score }: CheckpointState,
    private readonly parts: Parts,
  ) {
    this.step = step;
    this.saved = step;
    this.position = position;
    this.score = score;
    parts.signal?.addEventListener("abort", this.onAbort, { once: true });
  }

  /** What is trained. */
  get model(): BestRq {
    return this.trained.model;
  }

  /** Whether it was stopped before its last step. */
  get isStopped(): boolean {
    return this.ended !== undefined && this.step < this.recipe.steps;
  }

  /** The normalisation of features so far, as `audio.GlobalNormalisation` takes it. The caller disposes both tensors. */
  get normalisation() {
    return this.trained.normaliser.averages();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StepMetrics, void, void> {
    const { recipe, trained, parts } = this;
    const { clip, ...optimizer } = recipe.optimizer;
    const schedule = noam({ peak: optimizer.learningRate, warmup: optimizer.warmup });
    const { communicator, random } = parts;
    const unsteady = jit.steady();
    let failed = true;
    try {
      if (parts.signal?.aborted) return;
      peakMemory(); // what was before does not count
      const steps = trainingSteps(trained.model, trained.optimizer, {
        after: this.step,
        steps: recipe.steps,
        schedule,
        clip,
        random,
        communicator,
        whole: true,
        batches: () => this.batches(),
        onCodes: (targets, guesses) => trained.codeUse.add(targets, guesses),
      });
      this.begin();
      for await (const step of steps) {
        const { metrics, stop } = await this.finish(step);
        for (const sink of parts.sinks) sink.add(metrics);
        const { every } = recipe.checkpoints;
        if (stop || (every > 0 && this.step % every === 0)) await this.save();
        this.rest();
        yield metrics;
        if (stop || this.ended) return;
        this.begin();
      }
      failed = false;
    } finally {
      // Where the loop was left at its yield, all is as the last step left it.
      await this.end({ save: !failed || this.isIdle }).finally(unsteady);
      this.rest();
    }
  }

  private begin(): void {
    this.isIdle = false;
    this.release = host()?.orderly?.();
  }

  private rest(): void {
    this.isIdle = true;
    this.release?.();
  }

  /** Frees the model and everything else. */
  dispose(): void {
    disposeTrained(this.trained);
  }

  /** Tells what a step was, to all that look on. */
  private async finish(step: TrainingStep): Promise<{ metrics: StepMetrics; stop: boolean }> {
    const { recipe, trained, parts } = this;
    const { communicator, set, signal } = parts;
    const shared = new Float64Array([this.learnedFrom, signal?.aborted ? 1 : 0]);
    await communicator.sum(shared);
    const [audioSeconds, stops] = shared;
    await communicator.sum(trained.codeUse.counts);
    const { every } = recipe.validation;
    const isDue = every > 0 && (step.step % every === 0 || step.step === recipe.steps);
    const measured = isDue ? await set?.measure(trained.model, trained.normaliser, communicator) : undefined;
    const metrics: StepMetrics = {
      ...step,
      chance: 1 / recipe.model.codes,
      epoch: this.epoch,
      ...trained.codeUse.shares(step.step),
      audioSeconds,
      audioPerSecond: audioSeconds / step.seconds,
      peakBytes: peakMemory(),
      ...measured,
    };
    this.step = step.step;
    this.position = this.next;
    this.score = set ? (measured?.validationLoss ?? this.score) : step.loss;
    if (communicator.rank !== 0) return { metrics, stop: stops > 0 };
    const signatures = await parts.watch(metrics, trained.model);
    return { metrics: signatures.length > 0 ? { ...metrics, signatures } : metrics, stop: stops > 0 };
  }

  private epoch = 0;
  private next: Position = { epoch: 0, batch: 0 };

  /** This process's batches of the next step, normalised by what was learned up to this step. */
  private async *batches(): AsyncGenerator<StepBatch, void, void> {
    const { recipe, trained, parts } = this;
    const { mels } = recipe.model;
    const { normaliser } = trained;
    const { batches, epoch, after } = await parts.data.next();
    this.epoch = epoch;
    this.next = after;
    this.learnedFrom = 0;
    if (epoch < recipe.normalisationEpochs) {
      const early = batches.filter(({ epoch }) => epoch < recipe.normalisationEpochs);
      const sums = normaliser.sumsOf(early.flatMap(({ utterances }) => utterances));
      await parts.communicator.sum(sums);
      normaliser.learn(sums);
    }
    for (const { index, utterances } of batches) {
      if (utterances.length === 0) continue;
      const features = batchOf(utterances, mels, normaliser);
      for (const length of features.lengths) this.learnedFrom += length * secondsOfFrame;
      try {
        yield { index, features };
      } finally {
        features.features.dispose();
      }
    }
  }

  private async save(): Promise<void> {
    const { recipe, parts, step, position, score } = this;
    if (this.saved === step || !parts.folder) return;
    this.saved = step;
    await parts.folder.save(
      this.trained,
      { step, position, score, random: parts.random.state },
      recipe.checkpoints.keep,
    );
  }

  /** Nobody may ask for another step: a cell that was interrupted does not come back. */
  private readonly onAbort = (): void => {
    stopping.add(this.over);
    void this.over.then(() => stopping.delete(this.over));
    if (this.isIdle) this.end({ save: true }).catch((error) => console.error((error as Error).message));
  };

  /** Saves what is not saved yet, if that is wanted, and closes all. */
  private end({ save }: { readonly save: boolean }): Promise<void> {
    this.ended ??= (async () => {
      const { folder, sinks, signal } = this.parts;
      try {
        if (save) await this.save();
      } finally {
        signal?.removeEventListener("abort", this.onAbort);
        for (const sink of sinks) sink.close();
        folder?.close();
        this.settle();
      }
    })();
    return this.ended;
  }
}
