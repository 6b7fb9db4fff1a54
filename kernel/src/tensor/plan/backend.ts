// The backend "plan": tensors with a shape and a type, and no values. No kernel computes; each tells what it would give.
import * as tf from "../tf";

/** What stands for a buffer. */
class Planned {
  /** Tensors that share it. */
  references = 1;
}

/** Keeps nothing of what is written, and refuses to read. */
export class PlanBackend extends tf.KernelBackend {
  private buffers = 0;

  override write(): tf.DataId {
    this.buffers++;
    return new Planned();
  }

  /** The buffer for one more tensor; another one where it is another backend's. */
  share(dataId: tf.DataId): tf.DataId {
    if (!(dataId instanceof Planned)) return this.write();
    dataId.references++;
    return dataId;
  }

  override incRef(dataId: tf.DataId): void {
    if (dataId instanceof Planned) dataId.references++;
  }

  override refCount(dataId: tf.DataId): number {
    return dataId instanceof Planned ? dataId.references : 0;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!(dataId instanceof Planned)) return true; // lent by another backend, which alone may free it
    dataId.references--;
    if (dataId.references > 0 && !force) return false;
    this.buffers--;
    return true;
  }

  override numDataIds(): number {
    return this.buffers;
  }

  override readSync(): never {
    throw new Error(
      "Cannot read a tensor while planning: a plan knows shapes alone. Let what is planned not depend on values, " +
        "or run it on a backend that computes",
    );
  }

  override async read(): Promise<never> {
    return this.readSync();
  }

  override memory() {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {}
}

/** While planning, a tensor of this shape, and no values. */
export function shapeOnly<R extends tf.Rank>(shape: tf.ShapeMap[R], dtype: tf.DataType = "float32"): tf.Tensor<R> {
  const dataId = (tf.backend() as PlanBackend).write();
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }) as tf.Tensor<R>;
}
