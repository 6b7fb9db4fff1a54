import type * as tf from "../../tf";

/** Shape and type of a tensor that is not computed. */
export type Described = Pick<tf.TensorInfo, "shape" | "dtype">;

/** The tensors given to a kernel: by name, or numbered where there may be any number of them. */
export type Inputs = Record<string, tf.TensorInfo>;

/** Its settings, as TensorFlow.js's ops give them. */
// biome-ignore lint/suspicious/noExplicitAny: each kernel has its own
export type Attributes = Record<string, any>;

/** What a kernel would give, told from shapes and types alone. */
export type Rule = (inputs: Inputs, attributes: Attributes) => Described | Described[];

/** The same rule for each of these kernels. */
export const each = (kernelNames: readonly string[], rule: Rule): Record<string, Rule> =>
  Object.fromEntries(kernelNames.map((name) => [name, rule]));

/** As the input of this name. */
export const like =
  (name: string): Rule =>
  ({ [name]: { shape, dtype } }) => ({ shape, dtype });

/** All inputs of a kernel that takes a list. */
export const listed = (inputs: Inputs): tf.TensorInfo[] => Object.values(inputs);
