import { listed, type TensorFile } from "../../tensor";
import type { Place } from "./places";

/** How a checkpoint fits a model. */
export interface LoadReport {
  /** Tensors that were taken. */
  readonly loaded: readonly string[];
  /** Tensors of the model that the checkpoint has not. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model has not. */
  readonly unexpected: readonly string[];
  /** Tensors of another shape, or of values that are no floating-point numbers. */
  readonly wrong: readonly { readonly name: string; readonly expected: string; readonly found: string }[];
}

const floats = ["F64", "F32", "F16", "BF16"];

/** Tables of positions, which SpeechBrain saves and we compute. */
const isBuffer = (name: string): boolean => /(^|\.)positional_encoding(_decoder)?\.(pe|inv_freq)$/.test(name);

/** Compares names, shapes and types, without reading values. */
export function compare(file: TensorFile, places: readonly Place[]): LoadReport {
  const expected = new Set(places.map(({ key }) => key));
  const found = places.filter(({ key }) => file.has(key));
  const wrong = found.flatMap(({ key, shape }) => {
    const [theirShape, dtype] = [file.shape(key), file.dtype(key)];
    const fits = floats.includes(dtype) && theirShape.join() === shape.join();
    return fits
      ? []
      : [{ name: key, expected: `floats [${shape.join(", ")}]`, found: `${dtype} [${theirShape.join(", ")}]` }];
  });
  const wrongNames = new Set(wrong.map(({ name }) => name));
  return {
    loaded: found.map(({ key }) => key).filter((key) => !wrongNames.has(key)),
    missing: places.map(({ key }) => key).filter((key) => !file.has(key)),
    unexpected: file.names().filter((name) => !expected.has(name) && !isBuffer(name)),
    wrong,
  };
}

/** What keeps a checkpoint from being loaded as a whole, if anything. */
export function objection({ missing, unexpected, wrong }: LoadReport): string | undefined {
  const lists = [
    ["missing", missing],
    ["unexpected", unexpected],
    ["of the wrong shape or type", wrong.map((one) => `${one.name} must be ${one.expected}, got ${one.found}`)],
  ] as const;
  const parts = lists.flatMap(([what, names]) =>
    names.length > 0 ? [`\n${names.length} ${what}: ${listed(names, 2000)}`] : [],
  );
  return parts.length > 0 ? parts.join("") : undefined;
}
