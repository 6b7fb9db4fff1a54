// The object that TensorFlow.js's Node backend asks for in place of its native addon. Tensors are known by number.
import type { TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { type Attribute, setAttribute } from "./attributes";
import { AttributeType, type CApi, DataType, openCApi, type Pointer } from "./capi";
import { type Context, check, openContext } from "./context";
import { locateTensorFlow } from "./locate";
import { handleOf, nameOfType, type Values, valuesOf } from "./values";

/** A tensor as an op returns it. */
interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** Tensors and eager ops of libtensorflow, under the names that `nodejs_kernel_backend` calls them by. */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = AttributeType.resource;
  readonly TF_Version: string;

  private readonly handles = new Map<number, Pointer>();
  private nextId = 0;
  // Where TFE_Execute writes its outputs; most ops have one.
  private outputs = new BigUint64Array(8);
  private readonly outputCount = new Int32Array(1);

  constructor(
    private readonly c: CApi,
    readonly context: Context,
  ) {
    this.TF_Version = c.TF_Version();
  }

  isUsingGpuDevice(): boolean {
    return this.context.isGpu;
  }

  /** Tensors that exist in TensorFlow; for tests of what leaks. */
  getNumOfTensors(): number {
    return this.handles.size;
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  /** Copies values into a new tensor: on the GPU where there is one, int32 and strings in host memory as its ops want. */
  createTensor(shape: number[], dtype: number, values: Values): number {
    const onHost = handleOf(this.c, this.context, shape, dtype, values);
    if (!this.context.isGpu || dtype === DataType.int32 || dtype === DataType.string) return this.adopt(onHost);
    const { c, context } = this;
    const onDevice = c.TFE_TensorHandleCopyToDevice(onHost, context.pointer, context.deviceName, context.status);
    c.TFE_DeleteTensorHandle(onHost);
    check(c, context.status, `copy a tensor of shape [${shape}] to ${context.deviceName}`);
    return this.adopt(onDevice);
  }

  deleteTensor(id: number): void {
    this.c.TFE_DeleteTensorHandle(this.handleOf(id));
    this.handles.delete(id);
  }

  /** Copies a tensor's values out of TensorFlow. */
  tensorDataSync(id: number): Values {
    return valuesOf(this.c, this.context, this.handleOf(id));
  }

  /** Runs one op. Its inputs stay; its outputs are the caller's to delete. */
  executeOp(name: string, attributes: Attribute[], inputIds: number[], outputCount: number): TensorMetadata[] {
    const { c, outputCount: count } = this;
    const { pointer, status } = this.context;
    if (outputCount > this.outputs.length) this.outputs = new BigUint64Array(outputCount);
    const op = c.TFE_NewOp(pointer, name, status);
    try {
      if (op === null) this.fail(name, inputIds);
      for (const id of inputIds) {
        c.TFE_OpAddInput(op, this.handleOf(id), status);
        if (c.TF_GetCode(status) !== 0) this.fail(name, inputIds);
      }
      for (const attribute of attributes) setAttribute(c, status, op, attribute);
      count[0] = outputCount;
      c.TFE_Execute(op, this.outputs, count, status);
      if (c.TF_GetCode(status) !== 0) this.fail(name, inputIds);
    } finally {
      if (op !== null) c.TFE_DeleteOp(op);
    }
    return Array.from({ length: count[0] }, (_, i) => this.describe(this.outputs[i]));
  }

  /** Frees every tensor and the context. Nothing of it may be used afterwards. */
  close(): void {
    for (const handle of this.handles.values()) this.c.TFE_DeleteTensorHandle(handle);
    this.handles.clear();
    this.c.TFE_DeleteContext(this.context.pointer);
  }

  private adopt(handle: Pointer): number {
    this.handles.set(this.nextId, handle);
    return this.nextId++;
  }

  private handleOf(id: number): Pointer {
    const handle = this.handles.get(id);
    if (handle === undefined)
      throw new Error(`Cannot use tensor ${id}: it was disposed, or never made on this backend`);
    return handle;
  }

  private shapeOf(handle: Pointer): number[] {
    const rank = this.c.TFE_TensorHandleNumDims(handle, this.context.status);
    const shape = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++)
      shape[axis] = Number(this.c.TFE_TensorHandleDim(handle, axis, this.context.status));
    return shape;
  }

  private describe(handle: Pointer): TensorMetadata {
    const id = this.adopt(handle);
    return { id, shape: this.shapeOf(handle), dtype: this.c.TFE_TensorHandleDataType(handle) };
  }

  private fail(name: string, inputIds: number[]): never {
    const message = plainMessage(this.c.TF_Message(this.context.status));
    const inputs = inputIds.map((id) => {
      const handle = this.handles.get(id) ?? null;
      return handle === null
        ? "a disposed tensor"
        : `${nameOfType(this.c.TFE_TensorHandleDataType(handle))} [${this.shapeOf(handle)}]`;
    });
    throw new Error(`Cannot run ${name} on ${inputs.join(", ") || "no inputs"}: ${message}`);
  }
}

/** TensorFlow's message without what it says about itself: the wrapping function's name and the op's, which we name. */
function plainMessage(message: string): string {
  return message
    .replace(/\{\{function_node [^}]*\}\}\s*/g, "")
    .replace(/\s*\[Op:\w*\](\s*name:.*)?\s*$/, "")
    .trim();
}

/**
 * Opens libtensorflow as TensorFlow.js's Node backend wants it.
 *
 * @throws Error if libtensorflow is not there or cannot be loaded.
 */
export async function openBinding(): Promise<Binding & TFJSBinding> {
  const c = await openCApi(locateTensorFlow());
  return new Binding(c, openContext(c)) as Binding & TFJSBinding;
}
