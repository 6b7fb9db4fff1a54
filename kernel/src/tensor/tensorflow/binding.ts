// The object that TensorFlow.js's Node backend asks for in place of its native addon. Tensors are known by number.
import type { TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { recorder, type TensorMetadata } from "../jit/recorder";
import { type Attribute, eagerSetters, setAttribute } from "./attributes";
import { AttributeType, type CApi, DataType, openCApi, type Pointer } from "./capi";
import { type Context, check, openContext } from "./context";
import { computeFloats, type Read, type Write } from "./floats";
import { Graph } from "./graph";
import { locateTensorFlow } from "./locate";
import { plainMessage } from "./messages";
import { Sessions } from "./sessions";
import { handleOf, nameOfType, type Values, valuesOf } from "./values";

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
  private readonly sessions: Sessions;
  private nextId = 0;
  // Where TFE_Execute writes its outputs; most ops have one.
  private outputs = new BigUint64Array(8);
  private readonly outputCount = new Int32Array(1);
  private readonly setters: ReturnType<typeof eagerSetters>;

  constructor(
    private readonly c: CApi,
    readonly context: Context,
  ) {
    this.TF_Version = c.TF_Version();
    this.sessions = new Sessions(c, context);
    this.setters = eagerSetters(c, context.status);
  }

  isUsingGpuDevice(): boolean {
    return this.context.isGpu;
  }

  /** Tensors that exist in TensorFlow; for tests of what leaks. */
  getNumOfTensors(): number {
    return this.handles.size;
  }

  getNumOfSavedModels(): number {
    return this.sessions.count;
  }

  loadSavedModel(directory: string, tags: string): number {
    return this.sessions.load(directory, tags.split(","));
  }

  runSavedModel(id: number, inputIds: number[], inputNames: string, outputNames: string): TensorMetadata[] {
    const inputs = inputIds.map((inputId) => this.handleOf(inputId));
    const outputs = this.sessions.run(id, inputs, inputNames.split(","), outputNames.split(","));
    return outputs.map((handle) => this.describe(handle));
  }

  deleteSavedModel(id: number): void {
    this.sessions.delete(id);
  }

  /** Copies values into a new tensor: on the GPU where there is one, int32 and strings in host memory as its ops want. */
  createTensor(shape: number[], dtype: number, values: Values): number {
    const onHost = handleOf(this.c, this.context, shape, dtype, values);
    return this.adopt(dtype === DataType.int32 || dtype === DataType.string ? onHost : this.onDevice(onHost));
  }

  /** New float32 tensors of these shapes, which `body` writes while it reads from others. */
  computeFloats(
    ids: readonly number[],
    shapes: readonly (readonly number[])[],
    body: (reads: Read[], writes: Write[]) => void,
  ): TensorMetadata[] {
    const inputs = ids.map((id) => this.handleOf(id));
    const handles = computeFloats(this.c, this.context, inputs, shapes, body);
    return handles.map((handle) => this.describe(this.onDevice(handle)));
  }

  deleteTensor(id: number): void {
    this.c.TFE_DeleteTensorHandle(this.handleOf(id));
    this.handles.delete(id);
  }

  /** Copies a tensor's values out of TensorFlow. */
  tensorDataSync(id: number): Values {
    return valuesOf(this.c, this.context, this.handleOf(id));
  }

  /** Runs one op, or notes it where `jit` records. Its inputs stay; its outputs are the caller's to delete. */
  executeOp(name: string, attributes: Attribute[], inputIds: number[], outputCount: number): TensorMetadata[] {
    const isSymbolic = recorder.current && inputIds.some((id) => id < 0);
    if (isSymbolic) return recorder.current!.op(name, attributes, inputIds, outputCount);
    const handles = inputIds.map((id) => this.handleOf(id));
    return this.execute(name, attributes, handles, outputCount).map((handle) => this.describe(handle));
  }

  /** Runs a function that {@link newGraph} defined, on tensors by number or by what {@link share} gave. */
  call(name: string, inputs: readonly (number | Pointer)[], outputCount: number): TensorMetadata[] {
    const handles = inputs.map((input) => (typeof input === "number" ? this.handleOf(input) : input));
    return this.execute(name, [], handles, outputCount).map((handle) => this.describe(handle));
  }

  /** Shape and dtype of a tensor. */
  metadataOf(id: number): TensorMetadata {
    const handle = this.handleOf(id);
    return { id, shape: this.shapeOf(handle), dtype: this.c.TFE_TensorHandleDataType(handle) };
  }

  /** A graph to describe ops in. */
  newGraph(): Graph {
    return new Graph(this.c, this.context);
  }

  /** Forgets a function. */
  removeFunction(name: string): void {
    this.c.TFE_ContextRemoveFunction(this.context.pointer, name, this.context.status);
    check(this.c, this.context.status, `remove the function ${name}`);
  }

  /** A second handle on a tensor's values, which lives on until {@link release}, whatever happens to the tensor. */
  share(id: number): Pointer {
    const shared = this.c.TFE_TensorHandleCopySharingTensor(this.handleOf(id), this.context.status);
    check(this.c, this.context.status, "keep a tensor");
    return shared;
  }

  /** A tensor with the values of what {@link share} gave. */
  unshare(handle: Pointer): TensorMetadata {
    const shared = this.c.TFE_TensorHandleCopySharingTensor(handle, this.context.status);
    check(this.c, this.context.status, "make a tensor of kept values");
    return this.describe(shared);
  }

  /** Frees what {@link share} gave. */
  release(handle: Pointer): void {
    this.c.TFE_DeleteTensorHandle(handle);
  }

  private execute(name: string, attributes: Attribute[], inputs: readonly Pointer[], outputCount: number): bigint[] {
    const { c, outputCount: count } = this;
    const { pointer, status } = this.context;
    if (outputCount > this.outputs.length) this.outputs = new BigUint64Array(outputCount);
    const op = c.TFE_NewOp(pointer, name, status);
    try {
      if (op === null) this.fail(name, inputs);
      for (const handle of inputs) {
        c.TFE_OpAddInput(op, handle, status);
        if (c.TF_GetCode(status) !== 0) this.fail(name, inputs);
      }
      for (const attribute of attributes) setAttribute(this.setters, op, attribute);
      count[0] = outputCount;
      c.TFE_Execute(op, this.outputs, count, status);
      if (c.TF_GetCode(status) !== 0) this.fail(name, inputs);
    } finally {
      if (op !== null) c.TFE_DeleteOp(op);
    }
    return Array.from(this.outputs.subarray(0, count[0]));
  }

  /** Frees every tensor and the context. Nothing of it may be used afterwards. */
  close(): void {
    for (const handle of this.handles.values()) this.c.TFE_DeleteTensorHandle(handle);
    this.handles.clear();
    this.sessions.close();
    this.c.TFE_DeleteContext(this.context.pointer);
  }

  /** Takes a handle on a tensor in host memory to the GPU where there is one. */
  private onDevice(onHost: Pointer): Pointer {
    const { c, context } = this;
    if (!context.isGpu) return onHost;
    const onDevice = c.TFE_TensorHandleCopyToDevice(onHost, context.pointer, context.deviceName, context.status);
    c.TFE_DeleteTensorHandle(onHost);
    check(c, context.status, `copy a tensor to ${context.deviceName}`);
    return onDevice;
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
    return this.metadataOf(this.adopt(handle));
  }

  private fail(name: string, handles: readonly Pointer[]): never {
    const message = plainMessage(this.c.TF_Message(this.context.status));
    const inputs = handles.map(
      (handle) => `${nameOfType(this.c.TFE_TensorHandleDataType(handle))} [${this.shapeOf(handle)}]`,
    );
    throw new Error(`Cannot run ${name} on ${inputs.join(", ") || "no inputs"}: ${message}`);
  }
}

/**
 * Opens libtensorflow as TensorFlow.js's Node backend wants it.
 *
 * @throws Error if libtensorflow is not there or cannot be loaded.
 */
export async function openBinding(threads: number): Promise<Binding & TFJSBinding> {
  const c = await openCApi(locateTensorFlow());
  return new Binding(c, openContext(c, threads)) as Binding & TFJSBinding;
}
