import { bytesPerValue, type Decoded, decode } from "../safetensors/values";
import type { Entry } from "./archive";

const mostAxes = 64; // as in PyTorch

/** A tensor as PyTorch describes it: a view of a storage, entry i, j, ... being value `offset + i stride₀ + j stride₁ + ...`. */
export class StoredTensor {
  readonly shape: readonly number[];
  readonly size: number;
  private readonly offset: number;
  private readonly stride: readonly number[];
  /** Values from the first to the last one that the view reaches. */
  private readonly reach: number;

  /** @throws Error if it reaches beyond its storage, or shows more values than that has */
  constructor(
    readonly storage: Entry,
    readonly dtype: string,
    offset: unknown,
    shape: unknown,
    stride: unknown,
  ) {
    if (!isCount(offset) || !isCounts(shape) || !isCounts(stride) || shape.length !== stride.length) {
      throw new Error("its tensors must have an offset, a shape and as many strides, of whole numbers from 0 on");
    }
    this.offset = offset;
    this.shape = [...shape]; // the pickle could change its lists behind our back
    this.stride = [...stride];
    this.size = shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
    this.reach = this.size === 0 ? 0 : shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis], 1);
    const width = Object.hasOwn(bytesPerValue, dtype) ? bytesPerValue[dtype] : 1; // an unknown type is refused when read
    const held = Math.floor(storage.size / width);
    // A view that repeats values could be larger than any memory; no state dict has one.
    if (offset + this.reach > held || this.size > held) {
      throw new Error(
        `its ${storage.name}, ${storage.size} bytes, must hold a tensor of ${dtype} [${shape}] from value ${offset} on, with strides [${stride}]`,
      );
    }
  }

  /** Its values, one behind the other. @throws TypeError if they are of a type that TensorFlow.js has not */
  read(): Decoded {
    const width = bytesPerValue[this.dtype] ?? 1;
    const { buffer } = this.storage.read(this.offset * width, this.reach * width);
    const decoded = decode(this.dtype, buffer as ArrayBuffer);
    if (this.isContiguous()) return decoded;
    const data = decoded.data.slice(0, this.size);
    this.positions((position, index) => {
      data[index] = decoded.data[position];
    });
    return { ...decoded, data } as Decoded;
  }

  private isContiguous(): boolean {
    let expected = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      if (this.shape[axis] !== 1 && this.stride[axis] !== expected) return false;
      expected *= this.shape[axis];
    }
    return true;
  }

  /** Where each entry lies, in the order of the entries. */
  private positions(visit: (position: number, index: number) => void): void {
    const at = this.shape.map(() => 0);
    let position = 0;
    for (let index = 0; index < this.size; index++) {
      visit(position, index);
      for (let axis = at.length - 1; axis >= 0; axis--) {
        position += this.stride[axis];
        if (++at[axis] < this.shape[axis]) break;
        position -= at[axis] * this.stride[axis];
        at[axis] = 0;
      }
    }
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCounts = (values: unknown): values is number[] =>
  Array.isArray(values) && values.length <= mostAxes && values.every(isCount);
