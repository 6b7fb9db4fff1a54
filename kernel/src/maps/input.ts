// What can be mapped: a recording, its features, or one utterance of a batch.
import { filterbank, hopLength, sampleRate, Utterance } from "../audio";
import type { BestRq, Features } from "../bestrq";
import type { MapAlong } from "../figures";
import { tf } from "../tensor";

/** A recording, features [T, mels] normalised as for training, or a batch of them. */
export type MapInput = Utterance | tf.Tensor2D | Features;

/** What a map is told about its input. */
export interface InputOptions {
  /** Which utterance of a batch, counted from 0 (default 0). */
  readonly utterance?: number;
  /** How features of a recording are normalised: as for training. Default: by the mean and deviation of their own. */
  readonly normalisation?: { apply(features: tf.Tensor2D): tf.Tensor2D };
  /** The recording that given features are of: to read and to hear along the axes. */
  readonly recording?: Utterance;
  /** Words with their times in seconds (default: the recording's text, over its whole length). */
  readonly transcript?: MapAlong["transcript"];
}

/** A batch that holds the utterance to map. */
export interface Prepared {
  readonly batch: Features;
  /** Its row in the batch. */
  readonly row: number;
  /** Encoder frames of it that are not padding. */
  readonly frames: number;
  /** Seconds that an encoder frame stands for. */
  readonly frameSeconds: number;
  readonly along: MapAlong;
  /** Frees what was made of the input. */
  dispose(): void;
}

/** @throws RangeError where the batch has no such utterance */
export async function prepare(model: BestRq, input: MapInput, options: InputOptions): Promise<Prepared> {
  const recording = input instanceof Utterance ? input : options.recording;
  const batch = batchOf(model, input, options);
  const { features, lengths } = batch;
  const { utterance: row = 0 } = options;
  if (!Number.isInteger(row) || row < 0 || row >= lengths.length) {
    throw new RangeError(`Cannot map utterance ${row}: the batch has utterances 0 to ${lengths.length - 1}`);
  }
  const [, padded, mels] = features.shape;
  // A model that pads on the left counts the frames that it adds.
  const added = model.config.leftPadding ? model.encoderFrames(padded) * model.stride - padded : 0;
  const own = tf.tidy(() => features.slice([row, 0, 0], [1, lengths[row], -1]));
  const values = await own.data<"float32">();
  own.dispose();
  const secondsPerFrame = hopLength / sampleRate;
  return {
    batch,
    row,
    frames: model.encoderFrames(lengths[row] + added),
    frameSeconds: secondsPerFrame * model.stride,
    along: {
      features: { values, frames: lengths[row], mels, secondsPerFrame },
      transcript: options.transcript ?? wholeText(recording),
      audio: recording && { samples: recording.waveform, rate: sampleRate },
    },
    dispose: () => {
      if (features !== (input as Partial<Features>).features) features.dispose();
    },
  };
}

const wholeText = (recording?: Utterance) =>
  recording?.text === undefined ? undefined : [{ text: recording.text, start: 0, end: recording.seconds }];

function batchOf({ config: { mels } }: BestRq, input: MapInput, { normalisation }: InputOptions): Features {
  if (!(input instanceof Utterance) && "features" in input) return input;
  const features = tf.tidy(() => {
    if (!(input instanceof Utterance)) return input.expandDims(0) as tf.Tensor3D;
    const levels = filterbank(input.waveform, { mels });
    return (normalisation?.apply(levels) ?? byItself(levels)).expandDims(0) as tf.Tensor3D;
  });
  return { features, lengths: [features.shape[1]] };
}

function byItself(features: tf.Tensor2D): tf.Tensor2D {
  const { mean, variance } = tf.moments(features, 0);
  return features.sub(mean).div(variance.sqrt().maximum(1e-5)) as tf.Tensor2D;
}
