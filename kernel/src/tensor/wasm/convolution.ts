// Gradients of convolutions on "wasm", which has none of its own: written with its fast ops.
import * as tf from "../tf";

type Shape4D = [number, number, number, number];
type Attributes = {
  strides: [number, number] | number;
  dilations?: [number, number] | number;
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dataFormat?: "NHWC" | "NCHW";
};
type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
type Gradient = (inputs: Record<string, tf.Tensor4D>, geometry: Geometry) => tf.Tensor4D;

/**
 * Kernels for the gradients that BEST-RQ needs: of conv2d by its filter at any stride, of depthwiseConv2d by its filter
 * and its input at stride 1 with one output a channel. For the rest they call the kernel registered before.
 */
export function convolutionKernels(): tf.KernelConfig[] {
  return [
    kernel(tf.Conv2DBackpropFilter, false, filterGradient),
    kernel(tf.DepthwiseConv2dNativeBackpropFilter, true, depthwiseFilterGradient),
    kernel(tf.DepthwiseConv2dNativeBackpropInput, true, depthwiseInputGradient),
  ];
}

function kernel(kernelName: string, depthwise: boolean, gradient: Gradient): tf.KernelConfig {
  const general = tf.getKernel(kernelName, "wasm").kernelFunc;
  return {
    kernelName,
    backendName: "wasm",
    kernelFunc: (call) => {
      const inputs = call.inputs as Record<string, tf.Tensor4D>;
      const attrs = call.attrs as unknown as Attributes & { filterShape?: Shape4D; inputShape?: Shape4D };
      const inputShape = attrs.inputShape ?? inputs.x.shape;
      const filterShape = attrs.filterShape ?? inputs.filter.shape;
      const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = "NHWC" } = attrs;
      const { computeConv2DInfo } = tf.backend_util;
      if (dataFormat !== "NHWC") return general(call);
      const geometry = computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode, depthwise);
      return fits(geometry, depthwise) ? tf.tidy(() => gradient(inputs, geometry)) : general(call);
    },
  };
}

function fits(g: Geometry, depthwise: boolean): boolean {
  const plain = g.dilationHeight === 1 && g.dilationWidth === 1;
  if (!depthwise) return plain;
  const { top, left } = g.padInfo;
  const padding = top < g.filterHeight && left < g.filterWidth;
  return plain && padding && g.strideHeight === 1 && g.strideWidth === 1 && g.outChannels === g.inChannels;
}

/** dw[i, j] = Σ over batch and outputs of x(at tap i, j)ᵀ dy. */
function filterGradient({ x, dy }: Record<string, tf.Tensor4D>, g: Geometry): tf.Tensor4D {
  const right = tf.reshape(dy, [-1, g.outChannels]);
  const products = taps(x, g).map((tap) => tf.matMul(tap, right, true));
  return tf.reshape(tf.stack(products), g.filterShape as Shape4D);
}

/** dw[i, j] = Σ over batch and outputs of x(at tap i, j) dy, channel by channel. */
function depthwiseFilterGradient({ x, dy }: Record<string, tf.Tensor4D>, g: Geometry): tf.Tensor4D {
  const right = tf.reshape(dy, [-1, g.outChannels]);
  const ones = tf.ones([1, right.shape[0]]); // sums rows as a product, which is faster than tf.sum
  const sums = taps(x, g).map((tap) => tf.matMul(ones, tf.mul(tap, right)));
  return tf.reshape(tf.stack(sums), g.filterShape as Shape4D);
}

/** dx: dy convolved with the filter turned round. */
function depthwiseInputGradient({ dy, filter }: Record<string, tf.Tensor4D>, g: Geometry): tf.Tensor4D {
  const { top, left } = g.padInfo;
  const padded = tf.pad(dy, [
    [0, 0],
    [g.filterHeight - 1 - top, g.inHeight - g.outHeight + top],
    [g.filterWidth - 1 - left, g.inWidth - g.outWidth + left],
    [0, 0],
  ]);
  return tf.depthwiseConv2d(padded, tf.reverse(filter, [0, 1]), 1, "valid");
}

/** For each tap of the filter, row by row, what it sees of x: `[batch · outHeight · outWidth, channels]`. */
function taps(x: tf.Tensor4D, g: Geometry): tf.Tensor2D[] {
  const { batchSize: batch, inChannels: channels, outHeight, outWidth, strideHeight, strideWidth } = g;
  // Padded to whole strides, the rows of one phase of the stride lie together, and a plain slice takes them.
  const heightSteps = outHeight + Math.ceil(g.filterHeight / strideHeight);
  const widthSteps = outWidth + Math.ceil(g.filterWidth / strideWidth);
  const padded = padTo(x, g, heightSteps * strideHeight, widthSteps * strideWidth);
  const rowSize = widthSteps * strideWidth * channels;
  const byHeight = tf.reshape(padded, [batch, heightSteps, strideHeight * rowSize]);
  return range(g.filterHeight).flatMap((i) => {
    const phase = (i % strideHeight) * rowSize;
    const rows = tf.slice(byHeight, [0, Math.floor(i / strideHeight), phase], [batch, outHeight, rowSize]);
    const byWidth = tf.reshape(rows, [batch * outHeight, widthSteps, strideWidth * channels]);
    return range(g.filterWidth).map((j) => {
      const from = [0, Math.floor(j / strideWidth), (j % strideWidth) * channels] as [number, number, number];
      const seen = tf.slice(byWidth, from, [batch * outHeight, outWidth, channels]);
      return tf.reshape(seen, [-1, channels]) as tf.Tensor2D;
    });
  });
}

/** x with the convolution's padding in front, cut or filled up with zeros to this height and width. */
function padTo(x: tf.Tensor4D, { padInfo: { top, left } }: Geometry, height: number, width: number): tf.Tensor4D {
  const [batch, inHeight, inWidth, channels] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [top, Math.max(0, height - top - inHeight)],
    [left, Math.max(0, width - left - inWidth)],
    [0, 0],
  ]);
  return tf.slice(padded, [0, 0, 0, 0], [batch, height, width, channels]);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
