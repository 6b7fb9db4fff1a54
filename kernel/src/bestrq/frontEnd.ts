import { convolution2dSpec, layerNorm, layerNormSpec, type Parameters, stridedConvolution2d } from "../nn";
import { jit, type Random, span, tf } from "../tensor";
import { dropoutOf } from "./dropout";

/**
 * The convolutional front end of the paper: per block a strided 3 × 3 convolution over time and frequency,
 * layer norm over frequencies and channels, LeakyReLU(0.01), dropout. Two blocks turn 100 frames a second into 25.
 */
export function frontEnd(mels: number, channels: readonly number[], dropout = 0) {
  let [bands, inputs] = [mels, 1];
  const spec = channels.map((outputs) => {
    bands = Math.ceil(bands / 2);
    const block = { convolution: convolution2dSpec(inputs, outputs), norm: layerNormSpec(bands, outputs) };
    inputs = outputs;
    return block;
  });
  const blockOf = (p: Parameters<typeof spec>[number], x: tf.Tensor4D) =>
    tf.leakyRelu(layerNorm(p.norm, stridedConvolution2d(p.convolution, x)), 0.01);
  const compiled = jit(blockOf, { xla: false, patient: true }); // XLA's strided convolution is slower than TensorFlow's
  const drop = jit((x: tf.Tensor4D, random: Random) => dropoutOf(dropout, random)(x), { patient: true });
  const apply = (block: Parameters<typeof spec>[number], x: tf.Tensor4D, random?: Random) =>
    tf.tidy(() => (random && dropout > 0 ? drop(compiled(block, x), random) : compiled(block, x)));

  return {
    spec,
    /** Frames of features that become one encoder frame. */
    stride: 2 ** channels.length,
    /** Width of what it gives. */
    width: bands * inputs,
    /** features [B, T, mels] → [B, ⌈T / stride⌉, width]. While training, `random` decides dropout. */
    apply(p: Parameters<typeof spec>, features: tf.Tensor3D, random?: Random): tf.Tensor3D {
      return tf.tidy(() => {
        let x = features.expandDims(3) as tf.Tensor4D;
        p.forEach((block, index) => {
          x = span(String(index), () => apply(block, x, random));
        });
        return x.reshape([x.shape[0], x.shape[1], -1]) as tf.Tensor3D;
      });
    },
    /** Frees what was compiled. */
    dispose(): void {
      for (const one of [compiled, drop]) one.dispose();
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
