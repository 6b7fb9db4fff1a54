import { applyMask, BestRq, modelSources, Quantizer } from "../bestrq";
import { Random, tf } from "../tensor";
import type { Agreement } from "./agreement";
import { configOf } from "./config";
import { compareGradients, frontEndChannels, mixerNameOf } from "./layers";
import type { Vectors } from "./vectors";

/** The quantizer: every code id. */
export function checkQuantizer(vectors: Vectors, agreement: Agreement): void {
  const input = vectors.tensor<tf.Tensor3D>("input"); // stacked already: [B, T, inputs]
  const [codes, codeWidth] = vectors.shape("CB");
  const quantizer = new Quantizer({ inputs: input.shape[2], codes, codeWidth }, new Random(0));
  try {
    quantizer.projection.assign(vectors.tensor("P"));
    quantizer.codebook.assign(vectors.tensor("CB"));
    agreement.ids("ids", quantizer.targets(input), vectors.tensor("ids"));
  } finally {
    quantizer.dispose();
  }
}

/** A whole pre-training step: targets, logits, loss, and the gradients of every parameter. */
export function checkModel(vectors: Vectors, agreement: Agreement): void {
  const features = toWholeEncoderFrames(vectors.tensor("features"));
  const [, frames, mels] = features.shape;
  const [codes, codeWidth] = vectors.shape("param.2.CB");
  const channels = frontEndChannels(vectors, "0.");
  const model = new BestRq({ ...configOf(mixerNameOf(vectors), vectors.settings), mels, channels, codes, codeWidth });
  try {
    const sources = modelSources(model.config);
    for (const [path, variable] of model.entries()) variable.assign(vectors.laidOut("param", sources[path]));
    model.quantizer.projection.assign(vectors.tensor("param.2.P"));
    model.quantizer.codebook.assign(vectors.tensor("param.2.CB"));

    // The originals count an utterance's frames after the front end: its share of them, rounded.
    const encoded = frames / model.stride;
    const lengths = vectors
      .numbers("relative_lengths")
      .map((share) => model.stride * halfToEven(Math.fround(share * encoded)));
    const masked = vectors.numbers("mask_frames").filter((_, index) => index % model.stride === 0);
    const mask = { frames: masked.map((frame) => frame / model.stride), noise: vectors.tensor<tf.Tensor3D>("noise") };
    const hidden = model.encode({ features: applyMask(features, mask), lengths });

    agreement.ids("targets", model.quantizer.targets(features), vectors.tensor("targets"));
    agreement.output("logits", model.head(hidden), vectors.tensor("logits"));
    const variables = model.entries().map(([, variable]) => variable);
    const { value, grads } = tf.variableGrads(() => model.loss({ features, lengths }, mask).loss, variables);
    agreement.output("loss", value.reshape([1]), vectors.tensor("loss"));
    compareGradients(model.entries(), grads, sources, vectors, agreement);
  } finally {
    model.dispose();
  }
}

/** The originals pad features on the left of time to a multiple of 4 frames, two halvings of the front end. */
function toWholeEncoderFrames(features: tf.Tensor3D): tf.Tensor3D {
  const missing = (4 - (features.shape[1] % 4)) % 4;
  return tf.pad(features, [[0, 0], [missing, 0], [0, 0]]); // biome-ignore format: one line
}

/** Rounds as PyTorch does: halves to the even neighbour. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
