import type { BestRq } from "../../bestrq";
import { epochBatches, type FeatureSource } from "../../corpora";
import type { Communicator } from "../../parallel";
import { type Random, tf, uninterrupted } from "../../tensor";
import type { BatchFields } from "../recipe";
import { batchOf } from "./data";
import type { Normaliser } from "./normaliser";

/** How well a model guesses the masked frames of speech that it is not trained on. */
export class Validation {
  private readonly batches: number[][];

  /** @param random decides batches and masks, the same at each validation */
  constructor(
    private readonly source: FeatureSource,
    utterances: readonly number[],
    fields: BatchFields,
    private readonly random: Random,
  ) {
    this.batches = epochBatches(source.seconds, utterances, fields, random.fork("batches"));
  }

  /** Means over the batches, each of which one process computes. No dropout. */
  async measure(
    model: BestRq,
    normaliser: Normaliser,
    communicator: Communicator,
  ): Promise<{ validationLoss: number; validationAccuracy: number } | undefined> {
    const totals = new Float64Array(3);
    const { rank, size } = communicator;
    for (let index = rank; index < this.batches.length; index += size) {
      const { features: utterances, mels } = await this.source.load(this.batches[index]);
      if (utterances.length === 0) continue;
      const batch = batchOf(utterances, mels, normaliser);
      const random = this.random.fork(`batch ${index}`);
      const measured = uninterrupted(() =>
        tf.tidy(() => {
          const { loss, accuracy } = model.loss(batch, model.drawMask(batch, random));
          return [loss, accuracy];
        }),
      );
      const [[loss], [accuracy]] = await Promise.all(measured.map((tensor) => tensor.data()));
      tf.dispose([batch.features, ...measured]);
      totals[0]++;
      totals[1] += loss;
      totals[2] += accuracy;
    }
    await communicator.sum(totals);
    const [count, loss, accuracy] = totals;
    if (count === 0) return undefined; // nothing could be read
    return { validationLoss: loss / count, validationAccuracy: accuracy / count };
  }
}
