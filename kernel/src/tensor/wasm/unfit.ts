// What the kernels of tfjs-backend-wasm get wrong without a word, so that plain JavaScript computes it: slow, and right.
import { borrowed } from "../borrow";
import * as tf from "../tf";

type Call = Parameters<tf.KernelFunc>[0];
type Test = (call: Call) => boolean;

const always: Test = () => true;
const isEmpty: Test = (call) => info(call, "x").shape.includes(0);
const info = (call: Call, name: string) => call.inputs[name] as tf.TensorInfo;
const attribute = (call: Call, name: string): never =>
  (call.attrs as Record<string, unknown> | undefined)?.[name] as never;

/** Right on all types of numbers. Other kernels read whole numbers as floats, and write floats over what lies behind. */
const ofNumbers: string[] = [
  ...[tf.Cast, tf.Identity, tf.Reshape, tf.ExpandDims, tf.Transpose, tf.Tile, tf.PadV2, tf.MirrorPad, tf.Slice],
  ...[tf.Concat, tf.Pack, tf.Unpack, tf.SplitV, tf.GatherV2, tf.GatherNd, tf.ScatterNd, tf.ZerosLike, tf.OnesLike],
  ...[tf.OneHot, tf.SpaceToBatchND, tf.BatchToSpaceND, tf.DepthToSpace, tf.Any, tf.All, tf.LogicalNot, tf.Mean],
  ...[tf.Equal, tf.NotEqual, tf.Less, tf.LessEqual, tf.Greater, tf.GreaterEqual],
  ...[tf.LogicalAnd, tf.LogicalOr, tf.CropAndResize],
];
/** Right on int32 as well as float32. */
const ofWholeNumbers: string[] = [
  ...[tf.Add, tf.Sub, tf.Multiply, tf.Maximum, tf.Minimum, tf.SquaredDifference, tf.BitwiseAnd, tf.Abs, tf.Neg],
  ...[tf.Square, tf.Sum, tf.Prod, tf.Max, tf.Min, tf.ArgMax, tf.ArgMin, tf.Cumsum, tf.Cumprod, tf.Reverse],
];

/** Calls that go wrong on float32, too. */
const unfit: Record<string, Test> = {
  [tf.Cast]: (call) => ["bool", "complex64"].includes(attribute(call, "dtype")),
  [tf.GatherV2]: (call) => attribute(call, "batchDims") > 0,
  // It repeats alpha along the first axes alone.
  [tf.Prelu]: (call) => {
    const [x, alpha] = [info(call, "x").shape, info(call, "alpha").shape];
    return !tf.util.arraysEqual(x.slice(x.length - alpha.length), alpha);
  },
  // They lose NaN, so that a calculation gone wrong would look right.
  [tf.Relu]: hasNaN("x"),
  [tf.Relu6]: hasNaN("x"),
  [tf.ClipByValue]: hasNaN("x"),
  [tf.MaxPool]: (call) => hasNaN("x")(call) || misjudges("pooling")(call),
  [tf.Maximum]: hasNaN("b"),
  [tf.Minimum]: hasNaN("b"),
  // Of nothing they give what the memory held before.
  [tf.Max]: isEmpty,
  [tf.Min]: isEmpty,
  // They place some images wrongly, or refuse them.
  [tf.Conv2D]: misjudges("convolution"),
  [tf.FusedConv2D]: misjudges("convolution"),
  [tf.DepthwiseConv2dNative]: misjudges("depthwise"),
  [tf.FusedDepthwiseConv2D]: misjudges("depthwise"),
  [tf.AvgPool]: misjudges("pooling"),
  // Their maximum begins at the smallest number above 0.
  [tf.MaxPoolGrad]: always,
  [tf.MaxPool3D]: always,
  [tf.MaxPool3DGrad]: always,
  [tf.MaxPoolWithArgmax]: always,
  [tf.Dilation2D]: always,
  [tf.Dilation2DBackpropFilter]: always,
  [tf.Dilation2DBackpropInput]: always,
  // They give another gradient.
  [tf.Conv3DBackpropFilterV2]: always,
  [tf.Conv3DBackpropInputV2]: always,
  [tf.RotateWithOffset]: always, // its fill value is a whole number
  [tf.Transform]: always,
  [tf.Multinomial]: always, // its draws do not follow from the seed
};

function hasNaN(name: string): Test {
  return (call) => {
    const x = call.inputs[name] as tf.Tensor;
    return x.dtype === "float32" && tf.tidy(() => tf.any(tf.isNaN(x)).dataSync()[0]) === 1;
  };
}

/** Kernels that leave to plain JavaScript what those of tfjs-backend-wasm get wrong. */
export function unfitKernels(): tf.KernelConfig[] {
  return tf.getKernelsForBackend("wasm").flatMap((kernel): tf.KernelConfig[] => {
    const { kernelName, kernelFunc } = kernel;
    if (!tf.getKernel(kernelName, "cpu")) return [];
    const plain = borrowed(kernelName);
    const types = typesOf(kernelName);
    const isUnfit: Test = (call) =>
      Object.values(call.inputs)
        .flat()
        .some((x) => x && !types.includes((x as tf.TensorInfo).dtype)) || unfit[kernelName]?.(call);
    return [{ ...kernel, kernelFunc: (call) => (isUnfit(call) ? plain : kernelFunc)(call) }];
  });
}

function typesOf(kernelName: string): tf.DataType[] {
  if (ofNumbers.includes(kernelName)) return ["float32", "int32", "bool"];
  return ofWholeNumbers.includes(kernelName) ? ["float32", "int32"] : ["float32"];
}

/**
 * Whether WebAssembly takes the images given back to have another size than TensorFlow.js, which rounds as the caller
 * says, and knows one size of filter and one stride where padding is in numbers; or channels that come first.
 */
function misjudges(kind: "convolution" | "depthwise" | "pooling"): Test {
  return (call) => {
    if (attribute(call, "dataFormat") === "NCHW") return true;
    const [x, strides, pad] = [info(call, "x").shape as never, attribute(call, "strides"), attribute(call, "pad")];
    const rounding = attribute(call, "dimRoundingMode");
    const { computeConv2DInfo, computePool2DInfo } = tf.backend_util;
    const g =
      kind === "pooling"
        ? computePool2DInfo(x, attribute(call, "filterSize"), strides, 1, pad, rounding)
        : computeConv2DInfo(
            x,
            info(call, "filter").shape as never,
            strides,
            attribute(call, "dilations"),
            pad,
            rounding,
            kind === "depthwise",
          );
    const { top, bottom, left, right } = g.padInfo;
    const height = Math.floor((g.inHeight + top + bottom - g.effectiveFilterHeight) / g.strideHeight) + 1;
    const width = Math.floor((g.inWidth + left + right - g.effectiveFilterWidth) / g.strideWidth) + 1;
    return height !== g.outHeight || width !== g.outWidth;
  };
}
