// Matrix products, convolutions and our own scan. TensorFlow.js's own arithmetic of shapes tells what they give.
import * as tf from "../../tf";
import { type Attributes, each, type Inputs, like, listed, type Rule } from "./rule";

const { backend_util: util } = tf;

const matMul: Rule = ({ a, b }, { transposeA, transposeB }) => {
  const batch = util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape[a.shape.length - (transposeA ? 1 : 2)];
  const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  const [inA, inB] = [a.shape[a.shape.length - (transposeA ? 2 : 1)], b.shape[b.shape.length - (transposeB ? 1 : 2)]];
  if (inA !== inB) {
    throw new Error(
      `Cannot multiply matrices: inner sizes must be equal, got ${inA} and ${inB} of shapes [${a.shape}] and ` +
        `[${b.shape}], transposeA = ${!!transposeA}, transposeB = ${!!transposeB}`,
    );
  }
  return { shape: [...batch, rows, columns], dtype: a.dtype };
};

const einsum: Rule = (inputs, { equation }) => {
  const operands = listed(inputs);
  const { allDims, summedDims, idDims } = util.decodeEinsumEquation(equation, operands.length);
  util.checkEinsumDimSizes(allDims.length, idDims, operands as tf.Tensor[]);
  const lengths = new Map(idDims.flatMap((dims, i) => dims.map((dim, axis) => [dim, operands[i].shape[axis]])));
  const kept = allDims.length - summedDims.length;
  return {
    shape: Array.from({ length: kept }, (_, dim) => lengths.get(dim) as number),
    dtype: tf.upcastType(operands[0].dtype, "int32"),
  };
};

/** Sizes of a convolution of images, of each channel by itself where `depthwise`. */
export function conv2dInfo({ x, filter }: Inputs, a: Attributes, depthwise: boolean) {
  const {
    strides,
    dilations = 1,
    pad,
    dimRoundingMode,
    dataFormat,
    inputShape = x?.shape,
    filterShape = filter?.shape,
  } = a;
  const format = depthwise ? undefined : util.convertConv2DDataFormat(dataFormat ?? "NHWC");
  return util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode, depthwise, format);
}

const conv2d =
  (depthwise: boolean): Rule =>
  (inputs, attributes) => ({ shape: conv2dInfo(inputs, attributes, depthwise).outShape, dtype: inputs.x.dtype });

export const products: Record<string, Rule> = {
  ...each([tf.BatchMatMul, tf._FusedMatMul], matMul),
  [tf.Einsum]: einsum,
  ...each([tf.Conv2D, tf.FusedConv2D], conv2d(false)),
  ...each([tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D], conv2d(true)),
  ...each([tf.Conv2DBackpropFilter, tf.DepthwiseConv2dNativeBackpropFilter], ({ x: { dtype } }, { filterShape }) => ({
    shape: filterShape,
    dtype,
  })),
  ...each([tf.Conv2DBackpropInput, tf.DepthwiseConv2dNativeBackpropInput], ({ dy: { dtype } }, { inputShape }) => ({
    shape: inputShape,
    dtype: dtype === "int32" ? dtype : "float32",
  })),
  [tf.Conv3DBackpropFilterV2]: (_, { filterShape }) => ({ shape: filterShape, dtype: "float32" }),
  [tf.Conv3DBackpropInputV2]: (_, { inputShape }) => ({ shape: inputShape, dtype: "float32" }),
  [tf.Conv3D]: ({ x, filter }, { strides, dilations, pad }) => ({
    shape: util.computeConv3DInfo(x.shape as never, filter.shape as never, strides, dilations, pad).outShape,
    dtype: x.dtype,
  }),
  [tf.Dilation2D]: ({ x, filter }, { strides, pad, dilations }) => ({
    shape: util.computeDilation2DInfo(x.shape as never, filter.shape as never, strides, pad, "NHWC", dilations)
      .outShape,
    dtype: x.dtype,
  }),
  [tf.Dilation2DBackpropFilter]: like("filter"),
  [tf.Dilation2DBackpropInput]: like("x"),
  Dropout: like("x"),
};
