// Layers against their originals: the output, and the gradients of sum(output · output_grad) by input and parameters.
import {
  type BestRqConfig,
  conformerSources,
  frontEnd,
  frontEndSources,
  type MixerName,
  makeMixer,
  mixerNames,
  mixerSources,
  type Source,
} from "../bestrq";
import {
  type Batch,
  conformer,
  disposeParameters,
  type Mixer,
  type Parameters,
  paddingMask,
  parameterEntries,
  type Spec,
} from "../nn";
import { observe, tf } from "../tensor";
import type { Agreement } from "./agreement";
import { configOf } from "./config";
import type { Vectors } from "./vectors";

/** A layer of ours: its parameters described, and what it computes. */
interface Layer {
  readonly spec: Spec;
  apply(parameters: unknown, x: tf.Tensor3D): tf.Tensor;
}

/** A mixer by itself. */
export const checkMixer = (name: MixerName) => (vectors: Vectors, agreement: Agreement) => {
  const config = configOf(name, vectors.settings);
  checkLayer(inBatch(makeMixer(config), vectors), mixerSources(...sourceOptions(config)), vectors, agreement);
};

/** A conformer block around a mixer. */
export function checkConformer(vectors: Vectors, agreement: Agreement): void {
  const config = configOf(mixerNameOf(vectors), vectors.settings);
  const block = conformer(makeMixer(config), config);
  checkLayer(inBatch(block, vectors), conformerSources(...sourceOptions(config)), vectors, agreement);
}

/** The mixer that the metadata of a conformer or a whole model names. */
export const mixerNameOf = ({ settings }: Vectors): MixerName => settings.oneOf("mixer", mixerNames);

const sourceOptions = ({ mixer, heads, summaryMixing }: BestRqConfig) => [mixer, heads, summaryMixing.form] as const;

/** A mixer or a block for the file's utterances, padded as they are. */
function inBatch<S extends Spec>({ spec, apply }: Pick<Mixer<S>, "spec" | "apply">, vectors: Vectors): Layer {
  const batch = batchOf(vectors);
  return { spec, apply: (parameters, x) => apply(parameters as Parameters<S>, x, batch) };
}

/** The convolutional front end; its channels are those of the parameters. */
export function checkFrontEnd(vectors: Vectors, agreement: Agreement): void {
  const channels = frontEndChannels(vectors, "");
  const front = frontEnd(vectors.shape("input")[2], channels);
  const shape = vectors.shape("output");
  const layer: Layer = {
    spec: front.spec,
    apply: (parameters, x) => front.apply(parameters as never, x).reshape(shape),
  };
  checkLayer(layer, frontEndSources(channels.length), vectors, agreement);
}

/** Channels of the front end's blocks whose parameters the file keeps under a prefix. */
export function frontEndChannels(vectors: Vectors, prefix: string): number[] {
  const key = (block: number) => `param.${prefix}convblock_${block}.convs.conv_0.conv.weight`;
  const channels: number[] = [];
  while (vectors.has(key(channels.length))) channels.push(vectors.shape(key(channels.length))[0]);
  return channels;
}

/** Compares output and gradients, and the attention where the file has one. */
function checkLayer(layer: Layer, sources: Record<string, Source>, vectors: Vectors, agreement: Agreement): void {
  const parameters = vectors.parameters(layer.spec, sources);
  const input = tf.variable(vectors.tensor<tf.Tensor3D>("input"));
  try {
    const outputGradient = vectors.tensor("output_grad");
    const loss = () => {
      const output = layer.apply(parameters, input);
      agreement.output("output", output, vectors.tensor("output"));
      return output.mul(outputGradient).sum() as tf.Scalar;
    };
    const tap = (name: string, tensor: tf.Tensor) => {
      if (vectors.has(name)) agreement.output(name, tensor, vectors.tensor(name));
    };
    const entries = parameterEntries(parameters);
    const { grads } = observe({ tap }, () => tf.variableGrads(loss, [input, ...entries.map(([, each]) => each)]));
    agreement.gradient("the input", grads[input.name], vectors.tensor("input_grad"));
    compareGradients(entries, grads, sources, vectors, agreement);
  } finally {
    disposeParameters([input, parameters]);
  }
}

/** Compares the gradients of all parameters. @throws RangeError if the file has one that is not among them */
export function compareGradients(
  entries: readonly [path: string, variable: tf.Variable][],
  gradients: tf.NamedTensorMap,
  sources: Record<string, Source>,
  vectors: Vectors,
  agreement: Agreement,
): void {
  const compared = new Set(entries.map(([path]) => `grad.${sources[path].key}`));
  const left = vectors.names().filter((name) => name.startsWith("grad.") && !compared.has(name));
  if (left.length > 0) throw new RangeError(`it has gradients of parameters that our layer lacks: ${left.join(", ")}`);
  for (const [path, variable] of entries) {
    agreement.gradient(path, gradients[variable.name], vectors.laidOut("grad", sources[path]));
  }
}

/** The padding of the file's utterances; without lengths there is none. */
function batchOf(vectors: Vectors): Batch {
  const [utterances, frames] = vectors.shape("input");
  const lengths = vectors.has("lengths") ? vectors.numbers("lengths") : Array(utterances).fill(frames);
  return { mask: paddingMask(lengths, frames), dropout: (x) => x };
}
