// What TensorFlow's ops refuse on the CPU, so that TensorFlow.js's plain JavaScript computes it: slow, and right.
import * as tf from "../../tf";

type Call = Parameters<tf.KernelFunc>[0];

const attribute = (call: Call, name: string): unknown => (call.attrs as Record<string, unknown> | undefined)?.[name];
const has =
  (...types: tf.DataType[]) =>
  ({ inputs }: Call) =>
    Object.values(inputs).some((x) => types.includes((x as tf.TensorInfo).dtype));
const paddedByNumbers = (call: Call): boolean => {
  const pad = attribute(call, "pad");
  return typeof pad !== "string" && pad !== 0;
};
const dilated = (call: Call): boolean => [attribute(call, "dilations") ?? 1].flat().some((size) => size !== 1);
const ofTwoStrides = (call: Call): boolean => new Set([attribute(call, "strides")].flat()).size > 1;
const filterExceedsInput = (call: Call): boolean => {
  const { shape } = call.inputs.x as tf.TensorInfo;
  return [attribute(call, "filterSize")].flat().some((size, i) => (size as number) > shape[i + 1]);
};
const always = (): boolean => true;

/** For each kernel, the calls that TensorFlow cannot serve. */
export const unable: Record<string, (call: Call) => boolean> = {
  [tf.Less]: has("string"),
  [tf.LessEqual]: has("string"),
  [tf.Greater]: has("string"),
  [tf.GreaterEqual]: has("string"),
  [tf.LeakyRelu]: has("int32"),
  [tf.Step]: has("int32", "bool"),
  [tf.Diag]: has("bool"),
  [tf.Unique]: has("float32"), // to TensorFlow each NaN is another
  [tf.Multinomial]: always, // TensorFlow's draws go on where the last call ended, whatever the seed
  [tf.AvgPool]: paddedByNumbers,
  [tf.AvgPoolGrad]: paddedByNumbers,
  [tf.MaxPool]: paddedByNumbers,
  [tf.MaxPoolGrad]: paddedByNumbers,
  [tf.AvgPool3D]: (call) => paddedByNumbers(call) || filterExceedsInput(call),
  [tf.AvgPool3DGrad]: paddedByNumbers,
  [tf.MaxPool3D]: paddedByNumbers,
  [tf.MaxPool3DGrad]: paddedByNumbers,
  [tf.Conv3D]: (call) => dilated(call) || paddedByNumbers(call),
  [tf.Conv3DBackpropFilterV2]: paddedByNumbers,
  [tf.Conv3DBackpropInputV2]: paddedByNumbers,
  [tf.Dilation2D]: paddedByNumbers,
  [tf.Dilation2DBackpropFilter]: paddedByNumbers,
  [tf.Dilation2DBackpropInput]: paddedByNumbers,
  [tf.FusedConv2D]: (call) => attribute(call, "dataFormat") === "NCHW" || paddedByNumbers(call),
  [tf.FusedDepthwiseConv2D]: (call) =>
    attribute(call, "dataFormat") === "NCHW" || paddedByNumbers(call) || dilated(call) || ofTwoStrides(call),
};
