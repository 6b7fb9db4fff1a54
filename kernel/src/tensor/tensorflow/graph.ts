// A graph of TensorFlow: ops described rather than run. It knows the shapes of what they will give, and becomes a function.
import { type Attribute, graphSetters, setAttribute } from "./attributes";
import type { CApi, Pointer } from "./capi";
import { type Context, check } from "./context";
import type { Output } from "./graphApi";

export type { Output };

/** Shape and `TF_DataType` of a tensor. */
export interface Described {
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** Ops and how they hang together. Must be disposed. */
export class Graph {
  private readonly pointer: Pointer;
  private count = 0;

  constructor(
    private readonly c: CApi,
    private readonly context: Context,
  ) {
    this.pointer = c.TF_NewGraph();
  }

  /** A tensor that is given when the function is called. */
  placeholder({ shape, dtype }: Described): Output {
    return this.node("Placeholder", (node) => {
      this.c.TF_SetAttrType(node, "dtype", dtype);
      this.c.TF_SetAttrShape(node, "shape", shape, shape.length);
    });
  }

  /** A tensor whose values are part of the function. */
  constant(handle: Pointer, dtype: number, name?: string): Output {
    const tensor = this.c.TFE_TensorHandleResolve(handle, this.context.status);
    check(this.c, this.context.status, "read a constant");
    try {
      return this.node(
        "Const",
        (node) => {
          this.c.TF_SetAttrTensor(node, "value", tensor, this.context.status);
          this.c.TF_SetAttrType(node, "dtype", dtype);
        },
        name,
      );
    } finally {
      this.c.TF_DeleteTensor(tensor);
    }
  }

  /** An op; its first output. Where it has an attribute N, its first N inputs are one list. */
  operation(type: string, attributes: readonly Attribute[], inputs: readonly Output[], name?: string): Output {
    const { c } = this;
    const length = attributes.find((attribute) => attribute.name === "N")?.value as number | undefined;
    const fill = (node: Pointer) => {
      if (length !== undefined) c.TF_AddInputList(node, outputArray(inputs.slice(0, length)), length);
      for (const input of inputs.slice(length ?? 0)) c.TF_AddInput(node, input);
      const setters = graphSetters(c);
      for (const attribute of attributes) if (attribute.name !== "N") setAttribute(setters, node, attribute);
    };
    return this.node(type, fill, name);
  }

  /**
   * What TensorFlow knows of a tensor without its values.
   *
   * @returns undefined where its shape depends on values
   */
  describe(output: Output): Described | undefined {
    const { c } = this;
    const { status } = this.context;
    const rank = c.TF_GraphGetTensorNumDims(this.pointer, output, status);
    if (rank < 0) return undefined;
    const shape = new BigInt64Array(rank);
    if (rank > 0) c.TF_GraphGetTensorShape(this.pointer, output, shape, rank, status);
    check(c, status, "tell the shape of a tensor");
    const known = Array.from(shape, Number);
    return known.includes(-1) ? undefined : { shape: known, dtype: c.TF_OperationOutputType(output) };
  }

  /** Makes the graph a function of that name in the context; `xla`: one that XLA compiles when it is first run. */
  define(name: string, inputs: readonly Output[], outputs: readonly Output[], xla: boolean): void {
    const { c } = this;
    const { pointer, status } = this.context;
    const [ins, outs] = [outputArray(inputs), outputArray(outputs)];
    const all = -1;
    const made = c.TF_GraphToFunction(
      this.pointer,
      name,
      0,
      all,
      null,
      inputs.length,
      ins,
      outputs.length,
      outs,
      null,
      null,
      null,
      status,
    );
    check(c, status, `make the function ${name}`);
    try {
      const yes = Uint8Array.of((5 << 3) | 0, 1); // AttrValue { b: true } in protobuf's wire format
      if (xla) c.TF_FunctionSetAttrValueProto(made, "_XlaMustCompile", yes, yes.length, status);
      check(c, status, `have XLA compile ${name}`);
      c.TFE_ContextAddFunction(pointer, made, status);
      check(c, status, `add the function ${name}`);
    } finally {
      c.TF_DeleteFunction(made);
    }
  }

  dispose(): void {
    this.c.TF_DeleteGraph(this.pointer);
  }

  private node(type: string, fill: (node: Pointer) => void, name = `${type}_${this.count}`): Output {
    this.count++;
    const node = this.c.TF_NewOperation(this.pointer, type, name);
    let failure: unknown;
    try {
      fill(node);
    } catch (error) {
      failure = error; // what was begun has to be finished, or it would stay in memory
    }
    const oper = this.c.TF_FinishOperation(node, this.context.status);
    if (failure) throw failure;
    check(this.c, this.context.status, `record ${type}`);
    return { oper, index: 0 };
  }
}

/** An array of `TF_Output` as it lies in memory: eight bytes of address, four of index, four unused. */
function outputArray(outputs: readonly Output[]): BigInt64Array {
  return BigInt64Array.from(outputs.flatMap(({ oper, index }) => [oper ?? 0n, BigInt(index)]));
}
