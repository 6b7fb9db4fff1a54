import { convolution2dSpec, layerNorm, layerNormSpec, type Parameters, stridedConvolution2d } from "../nn";
import { span, tf } from "../tensor";

/**
 * The convolutional front end of the paper: per block a strided 3 × 3 convolution over time and frequency,
 * layer norm over frequencies and channels, LeakyReLU(0.01), dropout. Two blocks turn 100 frames a second into 25.
 */
export function frontEnd(mels: number, channels: readonly number[]) {
  let [bands, inputs] = [mels, 1];
  const spec = channels.map((outputs) => {
    bands = Math.ceil(bands / 2);
    const block = { convolution: convolution2dSpec(inputs, outputs), norm: layerNormSpec(bands, outputs) };
    inputs = outputs;
    return block;
  });
  return {
    spec,
    /** Frames of features that become one encoder frame. */
    stride: 2 ** channels.length,
    /** Width of what it gives. */
    width: bands * inputs,
    /** features [B, T, mels] → [B, ⌈T / stride⌉, width]. */
    apply(p: Parameters<typeof spec>, features: tf.Tensor3D, dropout: <T extends tf.Tensor>(x: T) => T): tf.Tensor3D {
      let x = features.expandDims(3) as tf.Tensor4D;
      p.forEach((block, index) => {
        x = span(String(index), () =>
          dropout(tf.leakyRelu(layerNorm(block.norm, stridedConvolution2d(block.convolution, x)), 0.01)),
        );
      });
      return x.reshape([x.shape[0], x.shape[1], -1]) as tf.Tensor3D;
    },
    /** What each block gives for one utterance of so many feature frames, and its floating-point operations. */
    blocks: (frames: number) => blocks(frames, mels, channels),
    /** Floating-point operations of one utterance of so many feature frames. */
    flops: (frames: number) => blocks(frames, mels, channels).reduce((sum, { flops }) => sum + flops, 0),
  };
}

function blocks(frames: number, bands: number, channels: readonly number[]) {
  let inputs = 1;
  return channels.map((outputs) => {
    [frames, bands] = [Math.ceil(frames / 2), Math.ceil(bands / 2)];
    const flops = 2 * frames * bands * 9 * inputs * outputs;
    inputs = outputs;
    return { output: [frames, bands, outputs], flops };
  });
}
