// SavedModels as TensorFlow runs them: a graph and a session each, known by number.
import type { CApi, Pointer } from "./capi";
import { type Context, check } from "./context";
import { plainMessage } from "./messages";

interface Session {
  pointer: Pointer;
  graph: Pointer;
}

/** The SavedModels that are loaded. */
export class Sessions {
  private readonly sessions = new Map<number, Session>();
  private nextId = 0;

  constructor(
    private readonly c: CApi,
    private readonly context: Context,
  ) {}

  get count(): number {
    return this.sessions.size;
  }

  /** Loads the graph of a SavedModel that has these tags. */
  load(directory: string, tags: readonly string[]): number {
    const { c, context } = this;
    const options = c.TF_NewSessionOptions();
    c.TF_SetConfig(options, context.config, context.config.length, context.status);
    const graph = c.TF_NewGraph();
    const pointer = c.TF_LoadSessionFromSavedModel(
      options,
      null,
      directory,
      tags,
      tags.length,
      graph,
      null,
      context.status,
    );
    c.TF_DeleteSessionOptions(options);
    if (pointer === null) c.TF_DeleteGraph(graph);
    check(c, context.status, `load the SavedModel ${directory}`);
    this.sessions.set(this.nextId, { pointer, graph });
    return this.nextId++;
  }

  /**
   * Runs a model.
   *
   * @param inputs Handles on its inputs, in the order of their names.
   * @param inputNames Names of tensors in the graph, such as `serving_default_x:0`.
   * @returns Handles on its outputs, the caller's to delete.
   */
  run(
    id: number,
    inputs: readonly Pointer[],
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): Pointer[] {
    const { c, context } = this;
    const { pointer, graph } = this.get(id);
    const outputs = new BigUint64Array(outputNames.length);
    const given: Pointer[] = [];
    try {
      for (const input of inputs) {
        given.push(c.TFE_TensorHandleResolve(input, context.status));
        check(c, context.status, "read an input of a SavedModel");
      }
      const tensors = BigUint64Array.from(given as bigint[]);
      const [from, to] = [this.places(graph, inputNames), this.places(graph, outputNames)];
      c.TF_SessionRun(
        pointer,
        null,
        from,
        tensors,
        inputNames.length,
        to,
        outputs,
        outputNames.length,
        null,
        0,
        null,
        context.status,
      );
      if (c.TF_GetCode(context.status) !== 0)
        throw new Error(`Cannot run a SavedModel: ${plainMessage(c.TF_Message(context.status))}`);
      return Array.from(outputs, (output) => c.TFE_NewTensorHandle(output, context.status));
    } finally {
      for (const tensor of [...given, ...outputs]) if (tensor) c.TF_DeleteTensor(tensor);
    }
  }

  delete(id: number): void {
    const { pointer, graph } = this.get(id);
    this.sessions.delete(id);
    this.c.TF_DeleteSession(pointer, this.context.status);
    this.c.TF_DeleteGraph(graph);
  }

  close(): void {
    for (const id of this.sessions.keys()) this.delete(id);
  }

  private get(id: number): Session {
    const session = this.sessions.get(id);
    if (!session) throw new Error(`Cannot use SavedModel ${id}: it was disposed, or never loaded`);
    return session;
  }

  /** An array of `TF_Output`: for each name, the operation's address and the index of its output. */
  private places(graph: Pointer, names: readonly string[]): BigUint64Array {
    const places = names.flatMap((name) => {
      const [operation, index = "0"] = name.split(":");
      const address = this.c.TF_GraphOperationByName(graph, operation);
      if (address === null) throw new Error(`Cannot run a SavedModel: its graph has no ${operation}`);
      return [address, BigInt(index)];
    });
    return BigUint64Array.from(places);
  }
}
