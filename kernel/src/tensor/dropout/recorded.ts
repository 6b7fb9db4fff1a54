// Dropout as ops of TensorFlow, which `jit` compiles into what comes before and after: no mask is ever in memory.
import type { Expansion } from "../jit/ir";
import type { Recorder } from "../jit/recorder";
import { AttributeType, DataType } from "../tensorflow/capi";
import type { Output } from "../tensorflow/graph";
import type * as tf from "../tf";
import { thresholdOf } from "./threshold";

const { bool, float32, int32, uint32 } = DataType;

/** Notes that entries of `x` are dropped. */
export function recordDropout(recording: Recorder, x: tf.TensorInfo, key: tf.TensorInfo, rate: number): tf.TensorInfo {
  const attributes = [{ name: "rate", type: AttributeType.float, value: rate }];
  const expand = (into: Expansion, [values, words]: readonly Output[]) => expanded(into, values, words, x.shape, rate);
  return recording.ownOp({ name: "Dropout", attributes, expand }, [x, key], x);
}

function expanded(
  { op, constant }: Expansion,
  values: Output,
  words: Output,
  shape: readonly number[],
  rate: number,
): Output {
  const whole = (value: number) => constant(Int32Array.of(value), []);
  const list = (list: readonly number[]) => constant(Int32Array.from(list), [list.length]);
  const real = (value: number) => constant(Float32Array.of(value), []);
  // Shifting right brings in zeros where integers have no sign.
  const unsigned = (x: Output) => op("Bitcast", { T: int32, type: uint32 }, [x]);
  const xor = (a: Output, b: Output) => op("BitwiseXor", { T: uint32 }, [a, b]);
  const shifted = (h: Output, by: number) => xor(h, op("RightShift", { T: uint32 }, [h, unsigned(whole(by))]));
  const times = (h: Output, factor: number) => op("Mul", { T: uint32 }, [h, unsigned(whole(factor))]);
  const mixed = (h: Output) => shifted(times(shifted(times(shifted(h, 16), 0x85ebca6b), 13), 0xc2b2ae35), 16);

  const count = shape.reduce((product, size) => product * size, 1);
  const { least, scale } = thresholdOf(rate);
  const key = unsigned(words);
  const word = (index: number) => op("Slice", { T: uint32, Index: int32 }, [key, list([index]), list([1])]);
  const place = unsigned(op("Range", { Tidx: int32 }, [whole(0), whole(count), whole(1)]));
  const hash = mixed(xor(mixed(xor(place, word(0))), word(1)));
  const isKept = op("GreaterEqual", { T: int32 }, [op("Bitcast", { T: uint32, type: int32 }, [hash]), whole(least)]);
  const where = op("Reshape", { T: bool, Tshape: int32 }, [isKept, list(shape)]);
  return op("SelectV2", { T: float32 }, [where, op("Mul", { T: float32 }, [values, real(scale)]), real(0)]);
}
