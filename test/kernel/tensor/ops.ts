// TensorFlow.js's public ops, each on tensors that `m` makes: of one type, small values, odd sizes.
import { tf } from "bestrq/tensor";

type Make = (...shape: number[]) => tf.Tensor;
type Op = (m: Make) => tf.Tensor | tf.Tensor[];
type Named = (...args: unknown[]) => tf.Tensor;
type Pair = [number, number];

const t4 = (x: tf.Tensor) => x as tf.Tensor4D;
const t5 = (x: tf.Tensor) => x as tf.Tensor5D;
const int = (...values: number[]) => tf.tensor1d(values, "int32");
const pairs = (...values: number[]) => tf.tensor2d(values, [values.length / 2, 2], "int32");
const float = (x: tf.Tensor) => tf.cast(x, "float32");
const withNaN = (m: Make) => tf.div(float(m(3)), [0, 1, NaN]);
const complex = (m: Make) => tf.complex(float(m(3, 7)), float(m(3, 7)));
const parts = (x: tf.Tensor) => [tf.real(x), tf.imag(x)];

const named = tf as unknown as Record<string, Named>;
const byName = (names: string, op: (f: Named, m: Make) => tf.Tensor): Record<string, Op> =>
  Object.fromEntries(names.split(" ").map((name) => [name, (m: Make) => op(named[name], m)]));

const elementwise: Record<string, Op> = {
  ...byName(
    "abs acos acosh asin asinh atan atanh ceil cos cosh elu erf exp expm1 floor isFinite isInf isNaN leakyRelu log " +
      "log1p logSigmoid logicalNot neg onesLike reciprocal relu relu6 round rsqrt selu sigmoid sign sin sinh softplus " +
      "sqrt square step tan tanh zerosLike softmax logSoftmax clone",
    (f, m) => f(m(3, 5, 7)),
  ),
  ...byName(
    "add sub mul div divNoNan floorDiv mod pow maximum minimum squaredDifference atan2 equal notEqual less lessEqual " +
      "greater greaterEqual logicalAnd logicalOr logicalXor prelu",
    (f, m) => f(m(3, 1, 5), m(7, 1)),
  ),
  bitwiseAnd: (m) => tf.bitwiseAnd(m(3, 5), m(3, 5)),
  clipByValue: (m) => tf.clipByValue(m(3, 5), -1, 2),
  ...Object.fromEntries(
    (["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"] as const).map((name) => [
      `${name} of text`,
      () => tf[name](tf.tensor2d(["b", "a", "é", ""], [2, 2]), tf.tensor1d(["b", "ab"])),
    ]),
  ),
  "clip of NaN": (m) => tf.clipByValue(withNaN(m), -1, 2),
  "relu6 of NaN": (m) => tf.relu6(withNaN(m)),
  "maximum and minimum of NaN": (m) =>
    [tf.maximum, tf.minimum].flatMap((f) => [f(float(m(5, 3)), withNaN(m)), f(withNaN(m), float(m(5, 3)))]),
  "fused relu of NaN": (m) =>
    tf.fused.matMul({ a: tf.reshape(withNaN(m), [3, 1]), b: float(m(1, 5)), activation: "relu" }),
  "prelu by channel": (m) => tf.prelu(m(3, 5, 7), m(7)),
  "sign of NaN": (m) => tf.sign(withNaN(m)),
  addN: (m) => tf.addN([m(3, 5), m(3, 5), m(3, 5)]),
  where: (m) => tf.where(tf.greater(m(5), 0), m(3, 5), m(3, 1)),
  ...Object.fromEntries(
    (["float32", "int32", "bool", "complex64"] as const).map((type) => [
      `cast to ${type}`,
      (m: Make) => (type === "complex64" ? parts(tf.cast(m(3, 5), type)) : tf.cast(m(3, 5), type)),
    ]),
  ),
};

const reductions: Record<string, Op> = {
  ...byName("sum prod mean max min any all argMax argMin logSumExp cumsum cumprod", (f, m) => f(m(3, 5, 7), 1)),
  "sum of all": (m) => tf.sum(m(3, 5, 7)),
  "cumsum backwards": (m) => tf.cumsum(m(3, 5, 7), 1, true, true),
  "cumprod backwards": (m) => tf.cumprod(m(3, 5, 7), 1, true, true),
  norm: (m) => tf.norm(m(3, 5), "fro", 1),
  moments: (m) => Object.values(tf.moments(m(3, 5, 7), [0, 2])) as tf.Tensor[],
  topk: (m) => Object.values(tf.topk(m(3, 7), 4)) as tf.Tensor[],
  unique: (m) => Object.values(tf.unique(tf.round(m(13)))) as tf.Tensor[],
  "unique rows": (m) => Object.values(tf.unique(tf.concat([m(3, 2), m(3, 2)], 1), 1)) as tf.Tensor[],
  bincount: (m) => tf.bincount(int(1, 3, 3, 9), m(4) as tf.Tensor1D, 5),
  denseBincount: (m) => tf.denseBincount(pairs(1, 3, 3, 2), m(2, 2) as tf.Tensor2D, 5),
  unsortedSegmentSum: (m) => tf.unsortedSegmentSum(m(5, 3) as tf.Tensor2D, int(1, 0, 1, 3, 0), 4),
  confusionMatrix: () => tf.math.confusionMatrix(int(0, 1, 2), int(0, 2, 2), 3),
  searchSorted: (m) => tf.searchSorted(tf.cumsum(tf.abs(m(2, 7)), 1), m(2, 3)),
};

const shapes: Record<string, Op> = {
  transpose: (m) => tf.transpose(m(2, 3, 5, 7), [3, 1, 0, 2]),
  reverse: (m) => tf.reverse(m(3, 5, 7), [0, 2]),
  tile: (m) => tf.tile(m(3, 1, 5), [2, 3, 1]),
  pad: (m) =>
    tf.pad(m(3, 5), [
      [1, 2],
      [0, 3],
    ]),
  "mirrorPad reflect": (m) =>
    tf.mirrorPad(
      m(3, 5),
      [
        [1, 2],
        [0, 3],
      ],
      "reflect",
    ),
  "mirrorPad symmetric": (m) =>
    tf.mirrorPad(
      m(3, 5),
      [
        [1, 2],
        [0, 3],
      ],
      "symmetric",
    ),
  slice: (m) => tf.slice(m(5, 7, 11), [1, 2, 3], [3, -1, 7]),
  stridedSlice: (m) => tf.stridedSlice(m(5, 7, 11), [4, 1, 0], [0, 6, 11], [-2, 2, 3]),
  concat: (m) => tf.concat([m(3, 5), m(3, 2), m(3, 0)], 1),
  stack: (m) => tf.stack([m(3, 5), m(3, 5)], 1),
  unstack: (m) => tf.unstack(m(3, 5, 2), 1),
  split: (m) => tf.split(m(3, 15), [2, 6, 7], 1),
  gather: (m) => tf.gather(m(11, 5), int(3, 0, 10)),
  "gather in batches": (m) => tf.gather(m(3, 5, 7), pairs(0, 1, 2, 3, 4, 0), 1, 1),
  gatherND: (m) => tf.gatherND(m(5, 7, 3), pairs(0, 1, 4, 6)),
  scatterND: (m) => tf.scatterND(pairs(0, 1, 4, 6, 3, 1), m(3, 2), [5, 7, 2]),
  "scatterND by a list": (m) => tf.scatterND(int(0, 4, 2), m(3), [5]),
  tensorScatterUpdate: (m) => tf.tensorScatterUpdate(m(5, 7), tf.tensor2d([0, 4], [2, 1], "int32"), m(2, 7)),
  reshape: (m) => tf.reshape(m(3, 5), [5, -1]),
  expandDims: (m) => tf.expandDims(m(3, 5), 1),
  broadcastTo: (m) => tf.broadcastTo(m(3, 1), [2, 3, 5]),
  spaceToBatchND: (m) =>
    tf.spaceToBatchND(
      m(2, 5, 7, 3),
      [2, 3],
      [
        [1, 0],
        [1, 1],
      ],
    ),
  batchToSpaceND: (m) =>
    tf.batchToSpaceND(
      m(6, 5, 7, 3),
      [2, 3],
      [
        [1, 0],
        [1, 1],
      ],
    ),
  depthToSpace: (m) => tf.depthToSpace(t4(m(2, 3, 5, 12)), 2),
  diag: (m) => tf.diag(m(3, 2)),
  bandPart: (m) => tf.linalg.bandPart(m(2, 5, 7), 1, 2),
  oneHot: () => tf.oneHot(int(1, 4, 0, 9, -1), 5, 2, -1),
  fill: () => tf.fill([3, 5], 2.5),
  linspace: () => tf.linspace(-1, 3, 7),
  range: () => tf.range(11, -3, -4),
  sparseToDense: (m) => tf.sparseToDense(pairs(0, 1, 2, 2), m(2), [3, 4]),
};

const products: Record<string, Op> = {
  matMul: (m) => tf.matMul(m(3, 5), m(5, 7)),
  "matMul of batches, transposed": (m) => tf.matMul(m(2, 5, 3), m(2, 7, 5), true, true),
  "matMul of batches of more dimensions": (m) => tf.matMul(m(2, 3, 5, 7), m(3, 7, 2)),
  "matMul of a batch by one": (m) => tf.matMul(m(3, 5, 7), m(1, 7, 2)),
  einsum: (m) => tf.einsum("bij,bjk->bki", m(2, 3, 5), m(2, 5, 7)),
  dot: (m) => tf.dot(m(3, 5), m(5)),
  "fused matMul": (m) => tf.fused.matMul({ a: m(3, 5), b: m(5, 7), bias: m(7), activation: "relu" }),
  batchNorm: (m) => tf.batchNorm(m(2, 5, 7, 3), m(3), tf.abs(m(3)), m(3), m(3), 0.01),
  localResponseNormalization: (m) => tf.localResponseNormalization(t4(m(2, 5, 7, 11)), 3, 1, 0.5, 0.7),
};

const convolutions: Record<string, Op> = {};
for (const pad of ["same", "valid", 1] as const)
  for (const [strides, dilations] of [
    [1, 1],
    [2, 1],
    [[2, 3], 1],
    [1, 2],
    [1, [2, 3]],
  ] as [number | Pair, number | Pair][]) {
    const given = `pad ${pad}, strides ${strides}, dilations ${dilations}`;
    const images = (m: Make, first: boolean) => t4(first ? m(2, 3, 11, 13) : m(2, 11, 13, 3));
    for (const format of ["NHWC", "NCHW"] as const)
      convolutions[`conv2d ${given}, ${format}`] = (m) =>
        tf.conv2d(images(m, format === "NCHW"), t4(m(3, 4, 3, 5)), strides, pad, format, dilations);
    convolutions[`depthwiseConv2d ${given}`] = (m) =>
      tf.depthwiseConv2d(images(m, false), t4(m(3, 4, 3, 2)), strides, pad, "NHWC", dilations);
    convolutions[`fused conv2d ${given}`] = (m) =>
      tf.fused.conv2d({
        x: images(m, false),
        filter: t4(m(3, 4, 3, 5)),
        strides,
        pad,
        dilations,
        bias: m(5),
        activation: "relu",
      });
    convolutions[`fused depthwiseConv2d ${given}`] = (m) =>
      tf.fused.depthwiseConv2d({
        x: images(m, false),
        filter: t4(m(3, 4, 3, 2)),
        strides,
        pad,
        dilations,
        bias: m(6),
        activation: "relu",
      });
    for (const kind of ["avg", "max"] as const)
      convolutions[`${kind} pool ${given}`] = (m) =>
        tf.pool(images(m, false), [3, 2], kind, pad as "same", dilations, strides);
  }

const boxes = (): [tf.Tensor2D, tf.Tensor1D] => [
  tf.tensor2d([0, 0, 2, 2, 0, 0, 2, 1.9, 3, 3, 4, 4], [3, 4]),
  tf.tensor1d([0.5, 0.9, 0.1]),
];

const images: Record<string, Op> = {
  ...convolutions,
  conv2dTranspose: (m) => tf.conv2dTranspose(t4(m(2, 6, 7, 3)), t4(m(3, 4, 5, 3)), [2, 11, 13, 5], 2, "same"),
  ...Object.fromEntries(
    (["same", "valid", 1] as const).flatMap((pad): [string, Op][] => [
      [`conv3d pad ${pad}`, (m) => tf.conv3d(t5(m(2, 5, 7, 5, 3)), t5(m(2, 3, 2, 3, 4)), [1, 2, 1], pad as "same")],
      [`avgPool3d pad ${pad}`, (m) => tf.avgPool3d(t5(m(2, 5, 7, 5, 3)), 2, 2, pad)],
      [`maxPool3d pad ${pad}`, (m) => tf.maxPool3d(t5(m(2, 5, 7, 5, 3)), 2, 2, pad)],
      [
        `dilation2d pad ${pad}`,
        (m) => tf.dilation2d(t4(m(2, 11, 13, 3)), m(3, 2, 3) as tf.Tensor3D, 1, pad as "same", 2),
      ],
    ]),
  ),
  "max pool, rounded up": (m) => tf.maxPool(t4(m(2, 12, 14, 3)), 3, 2, 1, "ceil"),
  "avg pool, rounded up": (m) => tf.avgPool(t4(m(2, 12, 14, 3)), 3, 2, 1, "ceil"),
  "conv3d dilated": (m) => tf.conv3d(t5(m(2, 5, 7, 5, 3)), t5(m(2, 3, 2, 3, 4)), 1, "same", "NDHWC", [1, 2, 1]),
  conv3dTranspose: (m) => tf.conv3dTranspose(t5(m(2, 3, 4, 3, 3)), t5(m(2, 3, 2, 4, 3)), [2, 4, 6, 4, 4], 1, "valid"),
  maxPoolWithArgmax: (m) => Object.values(tf.maxPoolWithArgmax(t4(m(2, 5, 7, 3)), 2, 2, "same")) as tf.Tensor[],
  ...Object.fromEntries(
    [false, true].flatMap((aligned): [string, Op][] => [
      [`resizeBilinear, aligned ${aligned}`, (m) => tf.image.resizeBilinear(t4(m(2, 5, 7, 3)), [8, 11], aligned)],
      [
        `resizeNearestNeighbor, aligned ${aligned}`,
        (m) => tf.image.resizeNearestNeighbor(t4(m(2, 5, 7, 3)), [3, 11], aligned),
      ],
    ]),
  ),
  cropAndResize: (m) =>
    tf.image.cropAndResize(t4(m(2, 5, 7, 3)), tf.tensor2d([[0.1, 0.2, 0.7, 0.9]]), int(1), [4, 3], "bilinear", 0.5),
  flipLeftRight: (m) => tf.image.flipLeftRight(t4(m(2, 5, 7, 3))),
  rotateWithOffset: (m) => tf.image.rotateWithOffset(t4(m(2, 5, 7, 3)), 0.3, 0.5, 0.5),
  transform: (m) => tf.image.transform(t4(m(1, 5, 7, 3)), tf.tensor2d([[1, 0.1, 0, 0, 1, 0.2, 0, 0]]), "bilinear"),
  nonMaxSuppression: () => tf.image.nonMaxSuppression(...boxes(), 3),
  nonMaxSuppressionPadded: () => Object.values(tf.image.nonMaxSuppressionPadded(...boxes(), 2)) as tf.Tensor[],
  nonMaxSuppressionWithScore: () => Object.values(tf.image.nonMaxSuppressionWithScore(...boxes(), 3)) as tf.Tensor[],
};

const others: Record<string, Op> = {
  complex: (m) => parts(complex(m)),
  "abs of complex": (m) => tf.abs(complex(m)),
  "products and sums of complex": (m) => parts(tf.sub(tf.mul(complex(m), complex(m)), tf.add(complex(m), complex(m)))),
  fft: (m) => parts(tf.fft(complex(m))),
  ifft: (m) => parts(tf.ifft(complex(m))),
  rfft: (m) => parts(tf.rfft(float(m(3, 7)))),
  irfft: (m) => tf.irfft(complex(m)),
  multinomial: (m) => tf.multinomial(float(m(2, 5)) as tf.Tensor2D, 11, 5),
  dropout: (m) => tf.dropout(float(m(3, 5)), 0.4, undefined, 7),
};

/** The gradients of what an op gives, by each of what it is given. */
const gradients: Record<string, Op> = Object.fromEntries(
  Object.entries({ ...elementwise, ...reductions, ...shapes, ...products, ...images })
    .filter(([name]) => !/^(cast|unique|topk|round|searchSorted|denseBincount|bincount)|dilations ([^1]|\[)/.test(name))
    .map(([name, op]): [string, Op] => [
      `gradient of ${name}`,
      (m) => {
        const given: tf.Tensor[] = [];
        op((...shape) => given[given.push(m(...shape)) - 1]);
        return tf.grads((...xs: tf.Tensor[]) => {
          const rest = [...xs];
          return tf.addN([op(() => rest.shift()!)].flat().map((y) => tf.sum(tf.square(float(y)))));
        })(given);
      },
    ]),
);

export const ops: Record<string, Op> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...products,
  ...images,
  ...others,
  ...gradients,
};
