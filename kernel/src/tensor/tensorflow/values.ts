// Values between JavaScript's arrays and TensorFlow's tensors, copied once in each direction.
import { type CApi, DataType, type Pointer } from "./capi";
import { type Context, check } from "./context";
import { readStrings, writeStrings } from "./strings";

/** What TensorFlow.js keeps a tensor's values in; strings are arrays of UTF-8 bytes. */
export type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[];

const bytesPerElement: Record<number, number> = {
  [DataType.float32]: 4,
  [DataType.int32]: 4,
  [DataType.uint8]: 1,
  [DataType.complex64]: 8,
  [DataType.int64]: 8,
  [DataType.bool]: 1,
};

/** Name of a `TF_DataType` for messages. */
export function nameOfType(dtype: number): string {
  return Object.entries(DataType).find(([, code]) => code === dtype)?.[0] ?? `type ${dtype}`;
}

/** Makes a handle on a new tensor in host memory with these values. The caller deletes it. */
export function handleOf(c: CApi, context: Context, shape: readonly number[], dtype: number, values: Values): Pointer {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (dtype === DataType.string) return stringHandle();
  const tensor = numericTensor();
  try {
    const { status } = context;
    const handle = c.TFE_NewTensorHandle(tensor, status);
    check(c, status, `make a tensor of shape [${shape}]`);
    return handle;
  } finally {
    c.TF_DeleteTensor(tensor);
  }

  function allocate(bytes: number): Pointer {
    const tensor = c.TF_AllocateTensor(dtype, shape, shape.length, bytes);
    if (tensor === null) throw new Error(`Cannot make a tensor of shape [${shape}]: ${bytes} bytes could not be had`);
    return tensor;
  }

  function numericTensor(): Pointer {
    const width = bytesPerElement[dtype];
    if (!width) throw new TypeError(`Cannot make a tensor of ${nameOfType(dtype)}: TensorFlow.js has no such values`);
    const data = ArrayBuffer.isView(values)
      ? values
      : dtype === DataType.bool
        ? Uint8Array.from(values as never)
        : null;
    if (data?.byteLength !== elements * width)
      throw new RangeError(
        `Cannot make a tensor of shape [${shape}]: it needs ${elements} values of ${nameOfType(dtype)} ` +
          `(${elements * width} bytes), got ${data ? `${data.length} (${data.byteLength} bytes)` : typeof values}`,
      );
    const tensor = allocate(data.byteLength);
    if (data.byteLength > 0) c.memcpy(c.TF_TensorData(tensor), data, data.byteLength);
    return tensor;
  }

  function stringHandle(): Pointer {
    const strings = values as Uint8Array[];
    if (strings.length !== elements)
      throw new RangeError(
        `Cannot make a tensor of shape [${shape}]: it needs ${elements} strings, got ${strings.length}`,
      );
    return writeStrings(c, context, shape, strings);
  }
}

/** Copies the values of a tensor into an array of its own. */
export function valuesOf(c: CApi, { status }: Context, handle: Pointer): Values {
  const dtype = c.TFE_TensorHandleDataType(handle);
  const tensor = c.TFE_TensorHandleResolve(handle, status);
  check(c, status, "read a tensor");
  try {
    if (dtype === DataType.string) return readStrings(c, tensor);
    const size = c.TF_TensorByteSize(tensor);
    const bytes = new ArrayBuffer(size);
    if (size > 0) c.memcpy(new Uint8Array(bytes), c.TF_TensorData(tensor), size);
    switch (dtype) {
      case DataType.float32:
      case DataType.complex64:
        return new Float32Array(bytes);
      case DataType.int32:
        return new Int32Array(bytes);
      case DataType.int64:
        return narrowed(new BigInt64Array(bytes));
      case DataType.bool:
      case DataType.uint8:
        return new Uint8Array(bytes);
      default:
        throw new TypeError(`Cannot read a tensor of ${nameOfType(dtype)}: TensorFlow.js has no such values`);
    }
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}

/** int64 as TensorFlow.js has it: int32. */
function narrowed(wide: BigInt64Array): Int32Array {
  const narrow = Int32Array.from(wide, Number);
  const lost = wide.find((value, i) => BigInt(narrow[i]) !== value);
  if (lost === undefined) return narrow;
  throw new RangeError(`Cannot read a tensor of int64: TensorFlow.js holds whole numbers of 32 bits, got ${lost}`);
}
