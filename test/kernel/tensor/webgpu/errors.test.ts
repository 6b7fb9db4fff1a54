// What goes wrong on the GPU is an exception, at once, and spoils nothing else.
import { backend, tf } from "bestrq/tensor";
import type { Program, WebGpuBackend } from "bestrq/tensor/webgpu/backend";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lackOfSwiftShader } from "../../../swiftshader";
import { handles, useBackend } from "../backends";

class WrongProgram implements Program {
  shaderKey = "wrong";
  variableNames = ["x"];
  outputShape = [3];
  workgroupSize: [number, number, number] = [64, 1, 1];
  dispatchLayout = { x: [0] };
  dispatch: [number, number, number] = [1, 1, 1];
  getUserCode = () => "fn main(index : i32) { result[index] = nonsense; }";
}

const values = async (x: tf.Tensor) => Array.from(await x.data());
/** More elements than are handed to the CPU. */
const large = () => tf.ones([37, 41]);

describe.skipIf(lackOfSwiftShader)("on webgpu", () => {
  beforeAll(() => useBackend("webgpu"));
  beforeEach(() => backend.use("webgpu"));

  test("a shader that does not compile is an error of its op each time, and the ops around it keep their values", async () => {
    const x = large();
    const before = tf.square(x).sum();
    const bytes = handles();
    const run = () => (tf.backend() as WebGpuBackend).runWebGPUProgram(new WrongProgram(), [x], "float32");
    for (let i = 0; i < 2; i++)
      expect(run).toThrow(
        /^Cannot run Wrong on float32 \[37,41\] on the backend "webgpu": Error while parsing WGSL: .*nonsense/,
      );
    expect(handles()).toBe(bytes);
    const after = tf.square(x).sum();
    expect([await values(before), await values(after)]).toEqual([[1517], [1517]]);
    tf.dispose([x, before, after]);
  });

  test("a tensor that the GPU cannot hold is an error that says so, and leaves nothing", async () => {
    const [column, row] = [tf.ones([40_000, 1]), tf.ones([1, 40_000])];
    const bytes = handles();
    expect(() => tf.add(column, row)).toThrow(
      /^Cannot run BinaryOp on float32 \[40000,1\], float32 \[1,40000\] .*: Cannot allocate on the GPU: Buffer size \(6400000000\)/,
    );
    expect(handles()).toBeLessThanOrEqual(bytes + 320_000); // what was sent of the inputs
    expect(await values(tf.tidy(() => tf.sum(column)))).toEqual([40_000]);
    tf.dispose([column, row]);
  });

  test("a read that would have to wait is refused, and says what to do instead", async () => {
    const x = tf.tidy(() => tf.add(large(), 1));
    expect(() => x.dataSync()).toThrow(/^Cannot read a tensor of the backend "webgpu" at once: .*await x\.data\(\)/);
    expect((await values(x))[7]).toBe(2);
    expect(x.dataSync()[7]).toBe(2); // it is here now
    x.dispose();
  });

  test("a tensor may be disposed of while it is read", async () => {
    const x = tf.tidy(() => tf.add(large(), 1));
    const read = values(x);
    x.dispose();
    expect((await read)[7]).toBe(2);
  });

  test("hundreds of ops and reads leave the GPU's memory as it was", async () => {
    const before = { tensors: tf.memory().numTensors, bytes: handles() };
    for (let i = 0; i < 300; i++) {
      const sum = tf.tidy(() => tf.sum(tf.matMul(large(), large(), false, true)));
      if (i % 50 === 0) expect(await values(sum)).toEqual([37 * 37 * 41]);
      sum.dispose();
    }
    expect({ tensors: tf.memory().numTensors, bytes: handles() }).toEqual(before);
  });

  test("input of many lengths does not fill the GPU with idle buffers", async () => {
    for (let i = 0; i < 30; i++) {
      const sum = tf.tidy(() => tf.sum(tf.square(tf.ones([4_000_000 + i]))));
      expect(await values(sum)).toEqual([4_000_000 + i]);
      sum.dispose();
    }
    const { numBytesAllocatedInGPU, numBytesInGPU } = tf.memory() as unknown as Record<string, number>;
    expect(numBytesAllocatedInGPU - numBytesInGPU).toBeLessThan(2 ** 28);
  });

  test("sin, cos, log1p, expm1 and softplus are as precise as the CPU's, for small numbers and for large ones", async () => {
    const numbers = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * Math.exp((i % 13) - 9));
    const exact: [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number][] = [
      ["sin", tf.sin, Math.sin],
      ["cos", tf.cos, Math.cos],
      ["log1p", (x) => tf.log1p(tf.abs(x)), (x) => Math.log1p(Math.abs(x))],
      ["expm1", (x) => tf.expm1(tf.neg(tf.abs(x))), (x) => Math.expm1(-Math.abs(x))],
      ["softplus", tf.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
    ];
    for (const [name, op, wanted] of exact) {
      const actual = await values(tf.tidy(() => op(tf.tensor1d(numbers))));
      const errors = actual.map(
        (value, i) => Math.abs(value - wanted(numbers[i])) / Math.max(1e-3, Math.abs(wanted(numbers[i]))),
      );
      expect(Math.max(...errors), name).toBeLessThan(1e-4);
    }
  });

  test("a device that is lost is an error that says so, and backend.use() makes another", async () => {
    const x = tf.add(large(), 1);
    (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy();
    await expect(values(x)).rejects.toThrow(/^Cannot compute: the GPU was lost \(destroyed/);
    expect(() => tf.square(x)).toThrow(
      /^Cannot compute: the GPU was lost|^Cannot run .*: Cannot compute: the GPU was lost/,
    );
    await backend.use("webgpu");
    expect(await values(tf.tidy(() => tf.square(large()).sum()))).toEqual([1517]);
  });
});
