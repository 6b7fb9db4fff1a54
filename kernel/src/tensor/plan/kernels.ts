// The kernels of the backend "plan": each makes tensors of the shapes that its rule tells.
import * as tf from "../tf";
import type { PlanBackend } from "./backend";
import { underWay } from "./planning";
import { elementwise } from "./rules/elementwise";
import { images } from "./rules/images";
import { products } from "./rules/products";
import { reductions } from "./rules/reductions";
import type { Inputs, Rule } from "./rules/rule";
import { shapes } from "./rules/shapes";

/** Kernels that give the buffer that they were given, in another shape. */
const views = [tf.Identity, tf.Reshape, tf.ExpandDims];

/** Registers the shape-only kernel of this name. */
export function registerRule(kernelName: string, rule: Rule): void {
  const isView = views.includes(kernelName);
  tf.registerKernel({
    kernelName,
    backendName: "plan",
    kernelFunc({ inputs, attrs = {}, backend: current }) {
      const [backend, given] = [current as PlanBackend, inputs as Inputs];
      const described = rule(given, attrs);
      const outputs = Array.isArray(described) ? described : [described];
      underWay.tally?.add(kernelName, given, attrs, outputs);
      const dataId = () => (isView ? backend.share(Object.values(given)[0].dataId) : backend.write());
      const made = outputs.map(({ shape, dtype }) => ({ dataId: dataId(), shape, dtype }));
      return Array.isArray(described) ? made : made[0];
    },
  });
}

/** The shapes of what these give depend on values. */
const ofValues = [
  ...[tf.Unique, tf.NonMaxSuppressionV3, tf.NonMaxSuppressionV4, tf.NonMaxSuppressionV5],
  ...[tf.RaggedGather, tf.RaggedRange, tf.RaggedTensorToTensor, tf.SparseFillEmptyRows, tf.SparseReshape],
  ...[tf.SparseSegmentMean, tf.SparseSegmentSum, tf.StringNGrams, tf.StringSplit],
];

for (const [kernelName, rule] of Object.entries({ ...elementwise, ...reductions, ...shapes, ...products, ...images }))
  registerRule(kernelName, rule);

for (const kernelName of ofValues)
  registerRule(kernelName, () => {
    throw new Error(
      `Cannot plan ${kernelName}: the shape of what it gives depends on values, and a plan knows shapes alone. ` +
        "Compute it before, on a backend that has values, and plan what comes after",
    );
  });
