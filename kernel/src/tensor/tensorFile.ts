import type * as tf from "./tf";

/** An open file of named tensors, whatever its format: its list of contents is in memory, values are read when asked for. */
export interface TensorFile {
  /** What the writer says about the file: text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the tensors, in the order of the file. */
  names(): string[];
  /** Whether there is a tensor of that name. */
  has(name: string): boolean;
  /** Shape of a tensor, without reading it. @throws RangeError if there is none of that name. */
  shape(name: string): number[];
  /** Type of a tensor's values in the file: `F32`, `BF16`, `I64`, ... @throws RangeError if there is none of that name. */
  dtype(name: string): string;
  /**
   * Makes sure that a tensor is whole, where the format holds a checksum, without keeping its values.
   *
   * @throws RangeError if there is none of that name.
   * @throws Error if its values are not those that were written.
   */
  check(name: string): void;
  /**
   * Reads a tensor. F32, F16, BF16 and F64 become float32; I32, I64 and U8 int32; BOOL bool.
   *
   * @throws RangeError if there is none of that name, or a whole number in it does not fit 32 bits.
   * @throws TypeError if its values are of another type.
   * @throws Error if its values are not those that were written.
   */
  tensor(name: string): tf.Tensor;
  /** Closes the file. Tensors that were read stay. */
  close(): void;
}

/** What lies under a name. @throws RangeError if nothing does. */
export function named<T>(entries: ReadonlyMap<string, T>, name: string, path: string): T {
  const found = entries.get(name);
  if (found !== undefined) return found;
  const names = listed([...entries.keys()], 100) || "none";
  throw new RangeError(`Cannot find the tensor "${name}" in ${path}: there are ${names}`);
}

/** Names in a message, which a file could make endless. */
export function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return [...names.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

/** The same error with what was being done in front of its message. */
export function withContext(error: unknown, action: string): unknown {
  if (error instanceof Error) error.message = `${action}: ${error.message}`;
  return error;
}
