// Parts of float32 tensors, copied straight between TensorFlow's memory and an array of ours; for kernels of our own.
import { type CApi, DataType, type Pointer } from "./capi";
import { type Context, check } from "./context";

/** Copies a tensor's values from the element `start` on, as many as `into` takes. */
export function readFloats(c: CApi, { status }: Context, handle: Pointer, start: number, into: Float32Array): void {
  const tensor = c.TFE_TensorHandleResolve(handle, status);
  check(c, status, "read a tensor");
  try {
    c.memcpy(into, (c.TF_TensorData(tensor) as bigint) + BigInt(start * 4), into.byteLength);
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}

/** Writes values from the element `start` on. */
export type Write = (start: number, values: Float32Array) => void;

/** Handles on new tensors in host memory, which `fill` writes part by part. The caller deletes them. */
export function filledHandles(
  c: CApi,
  { status }: Context,
  shapes: readonly (readonly number[])[],
  fill: (writes: Write[]) => void,
): Pointer[] {
  const tensors: Pointer[] = [];
  try {
    const writes = shapes.map((shape) => {
      const bytes = shape.reduce((product, size) => product * size, 4);
      const tensor = c.TF_AllocateTensor(DataType.float32, shape, shape.length, bytes);
      if (tensor === null) throw new Error(`Cannot make a tensor of shape [${shape}]: ${bytes} bytes could not be had`);
      tensors.push(tensor);
      const data = c.TF_TensorData(tensor) as bigint;
      return (start: number, values: Float32Array) => c.memcpy(data + BigInt(start * 4), values, values.byteLength);
    });
    fill(writes);
    return tensors.map((tensor) => {
      const handle = c.TFE_NewTensorHandle(tensor, status);
      check(c, status, "make a tensor");
      return handle;
    });
  } finally {
    for (const tensor of tensors) c.TF_DeleteTensor(tensor);
  }
}
