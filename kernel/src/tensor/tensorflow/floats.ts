// Kernels of our own on TensorFlow's tensors: float32 values copied straight between its memory and arrays of ours.
import { type CApi, DataType, type Pointer } from "./capi";
import { type Context, check } from "./context";

/** Copies values from the element `start` on, as many as `into` takes. */
export type Read = (start: number, into: Float32Array) => void;
/** Writes values from the element `start` on. */
export type Write = (start: number, values: Float32Array) => void;

/** Handles on new tensors in host memory, which `body` writes while it reads from others. The caller deletes them. */
export function computeFloats(
  c: CApi,
  { status }: Context,
  inputs: readonly Pointer[],
  shapes: readonly (readonly number[])[],
  body: (reads: Read[], writes: Write[]) => void,
): Pointer[] {
  const tensors: Pointer[] = [];
  const address = (tensor: Pointer) => {
    tensors.push(tensor);
    return c.TF_TensorData(tensor) as bigint;
  };
  try {
    const reads = inputs.map((handle): Read => {
      const tensor = c.TFE_TensorHandleResolve(handle, status);
      check(c, status, "read a tensor");
      const data = address(tensor);
      return (start, into) => c.memcpy(into, data + BigInt(start * 4), into.byteLength);
    });
    const writes = shapes.map((shape): Write => {
      const bytes = shape.reduce((product, size) => product * size, 4);
      const tensor = c.TF_AllocateTensor(DataType.float32, shape, shape.length, bytes);
      if (tensor === null) throw new Error(`Cannot make a tensor of shape [${shape}]: ${bytes} bytes could not be had`);
      const data = address(tensor);
      return (start, values) => c.memcpy(data + BigInt(start * 4), values, values.byteLength);
    });
    body(reads, writes);
    return tensors.slice(inputs.length).map((tensor) => {
      const handle = c.TFE_NewTensorHandle(tensor, status);
      check(c, status, "make a tensor");
      return handle;
    });
  } finally {
    for (const tensor of tensors) c.TF_DeleteTensor(tensor);
  }
}
