import type { Source } from "../bestrq";
import { type Parameters, parametersFrom, type Spec } from "../nn";
import { readSafetensors, type tf } from "../tensor";
import { Settings } from "./settings";

/** One file of reference vectors: its tensors by name, and in its metadata the sizes and options of the layer. */
export class Vectors {
  private readonly file: ReturnType<typeof readSafetensors>;
  readonly settings: Settings;

  constructor(path: string) {
    this.file = readSafetensors(path);
    this.settings = new Settings(this.file.metadata);
  }

  has(name: string): boolean {
    return this.file.has(name);
  }

  names(): string[] {
    return this.file.names();
  }

  shape(name: string): number[] {
    return this.file.shape(name);
  }

  /** @throws RangeError if there is none of that name */
  tensor<T extends tf.Tensor = tf.Tensor>(name: string): T {
    return this.file.tensor(name) as T;
  }

  numbers(name: string): number[] {
    return [...this.tensor(name).dataSync()];
  }

  /** The file's `param.…` as parameters of ours. */
  parameters<S extends Spec>(spec: S, sources: Record<string, Source>): Parameters<S> {
    return parametersFrom(spec, (path) => this.laidOut("param", sources[path]));
  }

  /** The file's `param.…` or `grad.…`, laid out as ours. */
  laidOut(kind: "param" | "grad", { key, layout }: Source): tf.Tensor {
    return layout(this.tensor(`${kind}.${key}`));
  }

  close(): void {
    this.file.close();
  }
}
