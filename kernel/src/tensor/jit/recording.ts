// Takes down the ops that a function sends to the backend, without running them.

import type { Attribute } from "../tensorflow/attributes";
import { isSymbol, type TensorFlowBackend } from "../tensorflow/backend";
import { DataType } from "../tensorflow/capi";
import type { Graph, Output } from "../tensorflow/graph";
import * as tf from "../tf";
import type { Constant, Input, Node, Origin, Value } from "./ir";
import { placeOf } from "./place";
import { type Draw, type HostCall, type Recorder, recorder, type TensorMetadata } from "./recorder";

/** Constants of more elements are given to the compiled function instead of being part of it. */
const largestConstant = 64;

let lastSymbol = -1;

// Variables change where the function runs, not where it is recorded.
const { assign } = tf.Variable.prototype;
tf.Variable.prototype.assign = function (value) {
  if (recorder.current) {
    throw new Error(
      `Cannot assign to a variable at ${placeOf(new Error())}: jit records this function and runs it later. ` +
        "Return the new value, and assign it outside of the function",
    );
  }
  assign.call(this, value);
};

/** One recording: the nodes of what was called, with shapes as TensorFlow infers them. Must be disposed. */
export class Recording implements Recorder {
  private readonly symbols = new Map<number, Value>();
  private readonly captures = new Map<tf.DataId, number>();
  private readonly constants = new Map<number, Value>();
  private readonly made = new WeakSet<tf.DataId>();
  /** Nodes by what they compute, so that the same op on the same inputs is noted once. */
  private readonly known = new Map<string, Node>();
  private readonly shapes: Graph;
  private readonly placed = new Map<Value, Output>();
  private readonly randoms = new Map<object, number>();
  /** Random numbers that are to be drawn, in this order. */
  readonly draws: Value[] = [];
  private count = 0;
  private readonly firstTensor: number;

  constructor(private readonly backend: TensorFlowBackend) {
    this.shapes = backend.binding.newGraph();
    this.firstTensor = (tf.engine() as unknown as { nextTensorId(): number }).nextTensorId();
  }

  /** Runs `body`, ops being noted instead of run. Its tensors are freed, gradients around it do not see it. */
  run<R>(body: () => R): R {
    const { state } = tf.engine() as unknown as { state: Record<string, unknown> };
    const { activeTape, gradientDepth, kernelDepth } = state;
    Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
    recorder.current = this;
    try {
      let result!: R;
      tf.tidy(() => {
        result = body();
      });
      return result;
    } finally {
      recorder.current = undefined;
      Object.assign(state, { activeTape, gradientDepth, kernelDepth });
    }
  }

  /** Whether a tensor is older than the recording. */
  isOlder(tensor: tf.Tensor): boolean {
    return tensor.id < this.firstTensor;
  }

  /** A tensor that stands for what will be given. */
  input(origin: Origin, shape: readonly number[], dtype: tf.DataType): tf.Tensor {
    const [metadata] = this.inputNode(origin, shape, this.backend.getDTypeInteger(dtype));
    return this.backend.createOutputTensor(metadata);
  }

  /** Lets the recording know a Random that is an argument. */
  allow(random: object, index: number): void {
    this.randoms.set(random, index);
  }

  /** What stands for a tensor in the recording; constants included. */
  valueOf(tensor: tf.TensorInfo): Value {
    return this.valueById(this.backend.getInputTensorIds([tensor])[0]);
  }

  symbolOf(tensor: tf.TensorInfo): number | undefined {
    const { dataId } = tensor;
    if (!this.backend.tensorMap.has(dataId)) throw new Error("Cannot use a tensor: it was disposed");
    const { id } = this.backend.tensorMap.get(dataId);
    if (isSymbol(id)) return id;
    if (this.made.has(dataId)) return undefined;
    const symbol = this.captures.get(dataId) ?? this.capture(tensor);
    this.captures.set(dataId, symbol);
    return symbol;
  }

  own(dataId: tf.DataId): void {
    this.made.add(dataId);
  }

  op(name: string, attributes: readonly Attribute[], ids: readonly number[], outputCount: number): TensorMetadata[] {
    const inputs = ids.map((id) => this.valueById(id));
    const key = `${name} ${JSON.stringify(attributes)} ${inputs.map((value) => `${value.node.number}.${value.index}`)}`;
    const known = this.known.get(key);
    if (known) return known.outputs.map((value) => this.symbol(value));
    const trace = new Error(name);
    const first = this.attempt(name, trace, () =>
      this.shapes.operation(
        name,
        attributes,
        inputs.map((value) => this.placed.get(value) as Output),
      ),
    );
    const outputs: Value[] = [];
    const node: Node = { kind: "op", number: this.count++, name, attributes: [...attributes], inputs, outputs, trace };
    for (let index = 0; index < outputCount; index++) {
      const place = { oper: first.oper, index };
      const described = this.attempt(name, trace, () => this.shapes.describe(place));
      if (!described) {
        throw new Error(
          `Cannot record ${name} at ${placeOf(trace)}: the shape of what it gives depends on values. ` +
            "Leave it out of jit, or let jit fall back on running op by op",
        );
      }
      const value = { node, index, ...described };
      outputs.push(value);
      this.placed.set(value, place);
    }
    this.known.set(key, node);
    return outputs.map((value) => this.symbol(value));
  }

  ownOp(op: Parameters<Recorder["ownOp"]>[0], inputs: readonly tf.TensorInfo[], output: tf.TensorInfo): tf.TensorInfo {
    const outputs: Value[] = [];
    const values = inputs.map((input) => this.valueOf(input));
    const node: Node = { kind: "op", number: this.count++, ...op, inputs: values, outputs, trace: new Error(op.name) };
    const value = { node, index: 0, shape: output.shape, dtype: this.backend.getDTypeInteger(output.dtype) };
    outputs.push(value);
    this.placed.set(value, this.shapes.placeholder(value));
    return this.backend.createOutputTensor(this.symbol(value));
  }

  host(call: HostCall, inputs: tf.NamedTensorInfoMap, outputs: readonly tf.TensorInfo[]): tf.TensorInfo[] {
    const names = Object.keys(inputs);
    const made: Value[] = [];
    const node: Node = {
      kind: "host",
      number: this.count++,
      call,
      names,
      inputs: names.map((name) => this.valueOf(inputs[name] as tf.TensorInfo)),
      outputs: made,
    };
    return outputs.map(({ shape, dtype }, index) => {
      const value = { node, index, shape, dtype: this.backend.getDTypeInteger(dtype) };
      made.push(value);
      this.placed.set(value, this.shapes.placeholder(value));
      return this.backend.createOutputTensor(this.symbol(value));
    });
  }

  draw(random: object, draw: Draw): tf.Tensor {
    const index = this.randoms.get(random);
    if (index === undefined) {
      throw new Error(
        `Cannot draw random numbers while recording, at ${placeOf(new Error())}: they would be the same at every call. ` +
          "Pass the Random as an argument of the function",
      );
    }
    const dtype = draw.kind === "key" ? DataType.int32 : DataType.float32;
    const [metadata, value] = this.inputNode({ kind: "draw", index, draw }, draw.shape, dtype);
    this.draws.push(value);
    return this.backend.createOutputTensor(metadata);
  }

  refuseReading(id: number): never {
    const { node } = this.symbols.get(id) ?? {};
    const what = node?.kind === "op" ? `what ${node.name} at ${placeOf(node.trace)} gives` : "a tensor";
    throw new Error(
      `Cannot read the values of ${what}, at ${placeOf(new Error())}: jit records this function and runs it later. ` +
        "Return the tensor, or decide outside of the function",
    );
  }

  dispose(): void {
    this.shapes.dispose();
    for (const { node } of this.constants.values()) {
      if (node.kind === "constant") this.backend.binding.release(node.handle);
      if (node.kind === "input" && node.origin.kind === "held") this.backend.binding.release(node.origin.handle);
    }
  }

  private valueById(id: number): Value {
    const value = isSymbol(id) ? this.symbols.get(id) : (this.constants.get(id) ?? this.constant(id));
    if (!value) throw new Error("Cannot use a tensor of another recording of jit: return it from its function");
    return value;
  }

  private symbol(value: Value): TensorMetadata {
    const id = --lastSymbol;
    this.symbols.set(id, value);
    return { id, shape: [...value.shape], dtype: value.dtype };
  }

  private inputNode(origin: Origin, shape: readonly number[], dtype: number): [TensorMetadata, Value] {
    const outputs: Value[] = [];
    const node: Input = { kind: "input", number: this.count++, origin, inputs: [], outputs };
    const value = { node, index: 0, shape, dtype };
    outputs.push(value);
    this.placed.set(value, this.shapes.placeholder(value));
    return [this.symbol(value), value];
  }

  private capture(tensor: tf.TensorInfo): number {
    const variables = Object.values(tf.engine().registeredVariables);
    const isOld = tensor instanceof tf.Tensor && !(tensor instanceof tf.Variable) && this.isOlder(tensor);
    const variable = isOld ? undefined : variables.find(({ dataId }) => dataId === tensor.dataId);
    const source = variable ?? { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
    const [{ id }] = this.inputNode(
      { kind: "capture", source },
      tensor.shape,
      this.backend.getDTypeInteger(tensor.dtype),
    );
    return id;
  }

  /** A tensor with values that was made while recording: part of the function, or given to it where it is large. */
  private constant(id: number): Value {
    const { binding } = this.backend;
    const { shape, dtype } = binding.metadataOf(id);
    const size = tf.util.sizeFromShape(shape);
    let value: Value;
    if (size <= largestConstant) {
      const outputs: Value[] = [];
      const text = `${dtype} [${shape}] ${binding.tensorDataSync(id)}`;
      const known = this.known.get(text);
      if (known) return known.outputs[0];
      const node: Constant = {
        kind: "constant",
        number: this.count++,
        handle: binding.share(id),
        text,
        inputs: [],
        outputs,
      };
      value = { node, index: 0, shape, dtype };
      outputs.push(value);
      this.placed.set(value, this.shapes.constant(node.handle, dtype));
      this.known.set(text, node);
    } else
      value =
        this.uniform(id, shape, dtype) ?? this.inputNode({ kind: "held", handle: binding.share(id) }, shape, dtype)[1];
    this.constants.set(id, value);
    return value;
  }

  /** A large constant of one number is noted as an op that makes it. */
  private uniform(id: number, shape: number[], dtype: number): Value | undefined {
    if (dtype !== DataType.float32) return undefined;
    const values = this.backend.binding.tensorDataSync(id) as Float32Array;
    const [first] = values;
    if (!values.every((value) => value === first)) return undefined;
    const { binding } = this.backend;
    const dims = binding.createTensor([shape.length], DataType.int32, Int32Array.from(shape));
    const scalar = binding.createTensor([], DataType.float32, Float32Array.of(first));
    try {
      const attributes = [
        { name: "T", type: binding.TF_ATTR_TYPE, value: DataType.float32 },
        { name: "index_type", type: binding.TF_ATTR_TYPE, value: DataType.int32 },
      ];
      const [made] = this.op("Fill", attributes, [dims, scalar], 1);
      return this.symbols.get(made.id);
    } finally {
      binding.deleteTensor(dims);
      binding.deleteTensor(scalar);
    }
  }

  private attempt<R>(name: string, trace: Error, body: () => R): R {
    try {
      return body();
    } catch (error) {
      throw new Error(`Cannot record ${name} at ${placeOf(trace)}: ${(error as Error).message}`, { cause: error });
    }
  }
}
