// SavedModels: models that TensorFlow or Keras wrote, loaded and run as they are.
import type { TensorMetadata } from "../jit/recorder";
import * as tf from "../tf";
import type { TensorFlowBackend } from "./backend";
import { DataType } from "./capi";

/** An input or output of a {@link SavedModel}. */
export interface TensorSpec {
  dtype: tf.DataType;
  /** −1 where any size goes. */
  shape: number[];
}

/** A model that {@link loadSavedModel} loaded: one signature of it. */
export interface SavedModel {
  readonly inputs: Record<string, TensorSpec>;
  readonly outputs: Record<string, TensorSpec>;
  /**
   * Computes the outputs from the inputs, by name. int64 inputs and outputs are int32 here.
   *
   * @throws RangeError if the inputs' names are not the model's, or an int64 output is too large for int32.
   * @throws Error if the model refuses them.
   */
  run(inputs: tf.NamedTensorMap): tf.NamedTensorMap;
  /** Frees the model. */
  dispose(): void;
}

/** What tells one signature of a model from another. */
export interface SavedModelOptions {
  /** Tags of the graph (default: `["serve"]`). */
  tags?: string[];
  /** Name of the signature (default: `serving_default`). */
  signature?: string;
}

/** TensorFlow.js gives a place in a graph (`name`) and TensorFlow's own name of the type with each tensor. */
interface Place {
  name: string;
  tfDtype: string;
  dtype: tf.DataType;
  shape: { getSize(): number }[];
}
type Places = Record<string, Place>;

/**
 * Loads a SavedModel, as `tf.saved_model.save` and Keras' `model.export` write them. Only on the backend `tensorflow`.
 *
 * @param directory The folder that holds `saved_model.pb`.
 * @throws Error if another backend is in use, the folder holds no model, or the model has no such tags or signature.
 */
export async function loadSavedModel(directory: string, options: SavedModelOptions = {}): Promise<SavedModel> {
  const { tags = ["serve"], signature = "serving_default" } = options;
  if (tf.getBackend() !== "tensorflow")
    throw new Error(
      `Cannot load the SavedModel ${directory}: the backend must be tensorflow, got ${tf.getBackend()}; ` +
        'call backend.use("tensorflow") first',
    );
  const { inputs, outputs } = await signatureOf(directory, tags, signature);
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const { binding } = backend;
  const session = binding.loadSavedModel(directory, tags.join(","));

  function run(given: tf.NamedTensorMap): tf.NamedTensorMap {
    const [names, got] = [Object.keys(inputs).sort(), Object.keys(given).sort()];
    if (String(names) !== String(got))
      throw new RangeError(`Cannot run ${directory}: its inputs are ${names.join(", ")}, got ${got.join(", ")}`);
    const converted: number[] = [];
    try {
      const ids = Object.entries(inputs).map(([name, place]) => {
        const wide = widened(given[name], place);
        if (!wide) return backend.getInputTensorIds([given[name]])[0];
        converted.push(binding.createTensor(given[name].shape, wide.dtype, wide.values));
        return converted[converted.length - 1];
      });
      return named(binding.runSavedModel(session, ids, namesOf(inputs), namesOf(outputs)));
    } finally {
      for (const id of converted) binding.deleteTensor(id);
    }
  }

  function named(results: TensorMetadata[]): tf.NamedTensorMap {
    const left = [...results];
    try {
      return tf.tidy(() => Object.fromEntries(Object.keys(outputs).map((name) => [name, tensorOf(left.shift()!)])));
    } finally {
      for (const { id } of left) binding.deleteTensor(id);
    }
  }

  function tensorOf(result: TensorMetadata): tf.Tensor {
    if (result.dtype !== DataType.int64 && result.dtype !== DataType.uint8) return backend.createOutputTensor(result);
    try {
      return tf.tensor(Int32Array.from(binding.tensorDataSync(result.id) as Int32Array), result.shape, "int32");
    } finally {
      binding.deleteTensor(result.id);
    }
  }

  return { inputs: specs(inputs), outputs: specs(outputs), run, dispose: () => binding.deleteSavedModel(session) };
}

async function signatureOf(directory: string, tags: string[], signature: string) {
  const { getMetaGraphsFromSavedModel } = await import("@tensorflow/tfjs-node-gpu/dist/saved_model.js");
  const graphs = await getMetaGraphsFromSavedModel(directory).catch((error: Error) => {
    throw new Error(`Cannot load the SavedModel ${directory}: ${error.message}`, { cause: error });
  });
  const graph = graphs.find((each) => String([...each.tags].sort()) === String([...tags].sort()));
  const found = graph?.signatureDefs[signature];
  if (found) return found as unknown as { inputs: Places; outputs: Places };
  const present = graphs.map((each) => `[${each.tags}] with ${Object.keys(each.signatureDefs).join(", ")}`);
  throw new Error(
    `Cannot load the SavedModel ${directory}: it must have the tags [${tags}] with the signature ${signature}, ` +
      `got ${present.join("; ")}`,
  );
}

/** Values in a type that TensorFlow.js lacks, where the model wants them so. */
function widened(tensor: tf.Tensor, { tfDtype }: Place) {
  if (tfDtype === "DT_UINT8") return { dtype: DataType.uint8, values: Uint8Array.from(tensor.dataSync()) };
  if (tfDtype !== "DT_INT64") return undefined;
  return { dtype: DataType.int64, values: BigInt64Array.from(Array.from(tensor.dataSync(), BigInt)) };
}

const namesOf = (places: Places): string =>
  Object.values(places)
    .map(({ name }) => name)
    .join(",");

const specs = (places: Places): Record<string, TensorSpec> =>
  Object.fromEntries(
    Object.entries(places).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: shape.map((dim) => dim.getSize()) },
    ]),
  );
