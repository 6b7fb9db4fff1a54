// What a plan's kernels would compute, counted from their shapes.
import * as tf from "../tf";
import { elementwise } from "./rules/elementwise";
import { reductions } from "./rules/reductions";
import { type Attributes, type Described, type Inputs, listed } from "./rules/rule";

/** Floating-point operations. */
export interface Operations {
  /** Of matrix products, convolutions and the selective scan: a multiplication and an addition count two. */
  readonly products: number;
  /** Of all else: one for each number that an elementwise op gives, or that a reduction takes. */
  readonly others: number;
}

type Count = (inputs: Inputs, attributes: Attributes, outputs: readonly Described[]) => number;

const size = ({ shape }: Described): number => tf.util.sizeFromShape(shape);

const matMul: Count = ({ a }, { transposeA }, [output]) =>
  2 * size(output) * a.shape[a.shape.length - (transposeA ? 2 : 1)];

/** Each number of what the filter gives, or of its gradient, meets the filter's taps times what `perTap` tells. */
const filtered =
  (perTap: (shape: readonly number[]) => number): Count =>
  ({ dy, filter }, { filterShape }, [output]) => {
    const shape: readonly number[] = filterShape ?? filter.shape;
    return 2 * size(dy ?? output) * perTap(shape);
  };
/** [..., inputs, outputs] */
const allInputs = filtered((shape) => tf.util.sizeFromShape(shape.slice(0, -1)));
/** [height, width, inputs, outputs of each] */
const oneInput = filtered((shape) => tf.util.sizeFromShape(shape.slice(0, 2)));

const einsum: Count = (inputs, { equation }) => {
  const operands = listed(inputs);
  const { idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
  const lengths = new Map(idDims.flatMap((dims, i) => dims.map((dim, axis) => [dim, operands[i].shape[axis]])));
  return 2 * [...lengths.values()].reduce((product, length) => product * length, 1);
};

/** Decay, input and output of each state: three multiplications and additions. */
const scan: Count = ({ x, A }) => 2 * 3 * size(x) * A.shape[1];

const products: Record<string, Count> = {
  [tf.BatchMatMul]: matMul,
  [tf._FusedMatMul]: matMul,
  [tf.Einsum]: einsum,
  ...Object.fromEntries(
    [tf.Conv2D, tf.FusedConv2D, tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput, tf.Conv3D]
      .concat([tf.Conv3DBackpropFilterV2, tf.Conv3DBackpropInputV2] as never)
      .map((name) => [name, allInputs]),
  ),
  ...Object.fromEntries(
    [tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D]
      .concat([tf.DepthwiseConv2dNativeBackpropFilter, tf.DepthwiseConv2dNativeBackpropInput] as never)
      .map((name) => [name, oneInput]),
  ),
  SelectiveScan: scan,
  /** The states once more, and two for each product: by its one side and by its other. */
  SelectiveScanGrad: (...call) => 3 * scan(...call),
};

const others: Record<string, Count> = {
  ...Object.fromEntries(
    Object.keys(elementwise).map((name): [string, Count] => [name, (_i, _a, outputs) => size(outputs[0])]),
  ),
  ...Object.fromEntries(
    Object.keys(reductions).map((name): [string, Count] => [name, (inputs) => size(listed(inputs)[0])]),
  ),
  [tf.Identity]: () => 0,
};

/** Adds up what kernels would compute. */
export class Tally implements Operations {
  products = 0;
  others = 0;

  add(kernelName: string, inputs: Inputs, attributes: Attributes, outputs: readonly Described[]): void {
    this.products += products[kernelName]?.(inputs, attributes, outputs) ?? 0;
    this.others += others[kernelName]?.(inputs, attributes, outputs) ?? 0;
  }
}
