// Convolutions that TensorFlow refuses on the CPU or has there with oneDNN alone: channels first, padding in numbers,
// depthwise with dilation or two strides. They are brought into a form that it has everywhere.
import { borrowed } from "../../borrow";
import * as tf from "../../tf";
import type { Correction } from "./index";

type Shape4D = [number, number, number, number];
type Inputs = Partial<Record<"x" | "dy" | "filter", tf.Tensor4D>>;
interface Attributes {
  strides: [number, number] | number;
  pad: "same" | "valid" | number | [number, number][];
  dilations?: [number, number] | number | null;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dataFormat?: "NHWC" | "NCHW";
  inputShape?: Shape4D;
  filterShape?: Shape4D;
}
type Convolution = (inputs: Inputs, attributes: Attributes) => tf.Tensor4D;
/** What a convolution gives: images, or the gradient of its filter. */
type Gives = "images" | "filter";

/** The convolutions of two dimensions and their gradients. */
export const convolutions: Record<string, Correction> = Object.fromEntries([
  correction(tf.Conv2D, false, "images"),
  correction(tf.Conv2DBackpropInput, false, "images"),
  correction(tf.Conv2DBackpropFilter, false, "filter"),
  correction(tf.DepthwiseConv2dNative, true, "images"),
  correction(tf.DepthwiseConv2dNativeBackpropInput, true, "images"),
  correction(tf.DepthwiseConv2dNativeBackpropFilter, true, "filter"),
]);

function correction(kernelName: string, depthwise: boolean, gives: Gives): [string, Correction] {
  const corrected: Correction = (native) => {
    const plain = borrowed(kernelName);
    return (call) => {
      const run: Convolution = (inputs, attributes) => {
        if (attributes.dataFormat === "NCHW") return channelsLast(run, inputs, attributes, gives);
        if (typeof attributes.pad !== "string" && attributes.pad !== 0)
          return padded(run, inputs, attributes, depthwise);
        const dilations = [attributes.dilations ?? 1].flat();
        if (depthwise && dilations.some((size) => size > 1)) return dilated(run, inputs, attributes, dilations, gives);
        const kernel = depthwise && new Set([attributes.strides].flat()).size > 1 ? plain : native;
        return tensor(kernel({ inputs: inputs as never, attrs: attributes as never, backend: call.backend }));
      };
      return tf.tidy(() => run(call.inputs as Inputs, call.attrs as unknown as Attributes));
    };
  };
  return [kernelName, corrected];
}

/** The Node backend's kernels return tensors, the others what a tensor is made of. */
const tensor = (output: tf.TensorInfo | tf.TensorInfo[]): tf.Tensor4D =>
  (output instanceof tf.Tensor ? output : tf.engine().makeTensorFromTensorInfo(output as tf.TensorInfo)) as tf.Tensor4D;

/** From channels first to channels last, and back. */
function channelsLast(run: Convolution, inputs: Inputs, attributes: Attributes, gives: Gives): tf.Tensor4D {
  const last = ([batch, channels, height, width]: Shape4D): Shape4D => [batch, height, width, channels];
  const turned = (images?: tf.Tensor4D) => images && tf.transpose(images, [0, 2, 3, 1]);
  const { pad, inputShape } = attributes;
  const result = run(
    { ...inputs, x: turned(inputs.x), dy: turned(inputs.dy) },
    {
      ...attributes,
      dataFormat: "NHWC",
      pad: Array.isArray(pad) ? (last(pad as never) as never) : pad,
      inputShape: inputShape && last(inputShape),
    },
  );
  return gives === "images" ? tf.transpose(result, [0, 3, 1, 2]) : result;
}

/** With the padding in numbers made part of the images. */
function padded(run: Convolution, inputs: Inputs, attributes: Attributes, depthwise: boolean): tf.Tensor4D {
  const { strides, dilations, dimRoundingMode } = attributes;
  const inputShape = attributes.inputShape ?? inputs.x!.shape;
  const filterShape = attributes.filterShape ?? inputs.filter!.shape;
  const pad = attributes.pad as number; // TensorFlow.js takes four pairs of numbers as well, and does not declare it
  const { computeConv2DInfo } = tf.backend_util;
  const g = computeConv2DInfo(inputShape, filterShape, strides, dilations ?? 1, pad, dimRoundingMode, depthwise);
  const height = (g.outHeight - 1) * g.strideHeight + g.effectiveFilterHeight;
  const width = (g.outWidth - 1) * g.strideWidth + g.effectiveFilterWidth;
  const { top, left } = g.padInfo;
  const valid = { ...attributes, pad: "valid" as const, dimRoundingMode: undefined };
  if (inputs.x) return run({ ...inputs, x: moved(inputs.x, top, left, height, width) }, valid);
  const [batch, inHeight, inWidth, channels] = inputShape;
  const result = run(inputs, { ...valid, inputShape: [batch, height, width, channels] });
  return moved(result, -top, -left, inHeight, inWidth);
}

/** Images moved down and right in a frame of this height and width: cut, or filled up with zeros. */
function moved(images: tf.Tensor4D, down: number, right: number, height: number, width: number): tf.Tensor4D {
  const [batch, inHeight, inWidth, channels] = images.shape;
  const filled = tf.pad(images, [
    [0, 0],
    [Math.max(0, down), Math.max(0, height - down - inHeight)],
    [Math.max(0, right), Math.max(0, width - right - inWidth)],
    [0, 0],
  ]);
  return tf.slice(filled, [0, Math.max(0, -down), Math.max(0, -right), 0], [batch, height, width, channels]);
}

/** With zeros between the taps of the filter in place of the dilation. */
function dilated(
  run: Convolution,
  inputs: Inputs,
  attributes: Attributes,
  [down, right = down]: number[],
  gives: Gives,
): tf.Tensor4D {
  const [height, width, channels, multiplier] = attributes.filterShape ?? inputs.filter!.shape;
  const spread: Shape4D = [(height - 1) * down + 1, (width - 1) * right + 1, channels, multiplier];
  const whole: Shape4D = [height * down, width * right, channels, multiplier];
  const plain = { ...attributes, dilations: 1, filterShape: attributes.filterShape && spread };
  const taps = [height, 1, width, 1, channels * multiplier];
  const steps = [height, down, width, right, channels * multiplier];
  if (gives === "filter") {
    const filled = tf.pad(run(inputs, plain), [
      [0, down - 1],
      [0, right - 1],
      [0, 0],
      [0, 0],
    ]);
    return tf.reshape(tf.slice(tf.reshape(filled, steps), [0, 0, 0, 0, 0], taps), [
      height,
      width,
      channels,
      multiplier,
    ]);
  }
  const filled = tf.pad(tf.reshape(inputs.filter!, taps), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, right - 1],
    [0, 0],
  ]);
  return run({ ...inputs, filter: tf.slice(tf.reshape(filled, whole), [0, 0, 0, 0], spread) as tf.Tensor4D }, plain);
}
