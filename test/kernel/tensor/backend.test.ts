import { backend, Random, tf } from "bestrq/tensor";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { everyBackend, handles, useBackend } from "./backends";

describe("backend.use()", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test("auto takes libtensorflow where it is, and says what computes", async () => {
    const status = await backend.use("auto");
    expect(status).toMatchObject({
      name: "tensorflow",
      device: expect.stringMatching(/^(CPU|GPU)$/),
      deviceName: expect.stringMatching(/./),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      threads: expect.any(Number),
    });
    expect(backend.status()).toBe(status);
    expect(tf.getBackend()).toBe("tensorflow");
  });

  test("wasm makes WebAssembly compute", async () => {
    const wanted = { name: "wasm", device: "CPU", version: "4.22.0", threads: 1, better: [] };
    expect(await backend.use("wasm")).toMatchObject(wanted);
    expect(tf.getBackend()).toBe("wasm");
  });

  test("refuses a name that it does not know and says which there are", async () => {
    await expect(backend.use("cuda" as never)).rejects.toThrow(
      new RangeError('Cannot use the backend "cuda": it must be one of tensorflow, webgpu, wasm, auto'),
    );
    await expect(backend.use("toString" as never)).rejects.toThrow(RangeError);
  });

  test("can be switched back and forth; each backend keeps its tensors", async () => {
    await backend.use("tensorflow");
    const first = tf.tensor1d([2, 3]);
    const doubled = tf.add(first, first);
    await backend.use("wasm");
    const second = tf.square(tf.tensor1d([2, 3]));
    await backend.use("tensorflow");
    expect(Array.from(doubled.dataSync())).toEqual([4, 6]);
    expect(Array.from(second.dataSync())).toEqual([4, 9]);
    tf.disposeVariables();
    tf.dispose([first, doubled, second]);
  });
});

describe("on tensorflow", () => {
  beforeAll(() => useBackend("tensorflow"));

  test("an error names the op and its inputs' types and shapes, and leaves nothing behind", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const run = (name: string, ...inputs: tf.Tensor[]) => {
      const node = tf.backend() as unknown as { executeSingleOutput(...args: unknown[]): tf.Tensor };
      return node.executeSingleOutput(name, [{ name: "T", type: 4, value: 1 }], inputs);
    };
    tf.tidy(() => {
      const [a, b] = [tf.ones([2, 3]), tf.ones([5, 7])];
      expect(() => run("MatMul", a, b)).toThrow(
        /^Cannot run MatMul on float32 \[2,3\], float32 \[5,7\]: Matrix size-incomp/,
      );
      expect(() => run("NoSuchOp", a)).toThrow(/^Cannot run NoSuchOp on float32 \[2,3\]: .*NoSuchOp/);
      expect(() => run("MatMul", a, tf.ones([3], "int32"))).toThrow(
        /^Cannot run MatMul on float32 \[2,3\], int32 \[3\]/,
      );
      // Inside a TensorFlow.js op, whose kernel makes tensors of begin and size before the op fails.
      expect(() => tf.engine().runKernel("Slice", { x: a }, { begin: [0, 0], size: [9, 9] })).toThrow(
        /^Cannot run Slice on/,
      );
    });
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test("values are copied: neither side sees what the other does to its own", () => {
    tf.tidy(() => {
      const x = tf.add(tf.tensor1d([1, 2, 3]), 0);
      x.dataSync()[0] = 99;
      expect(Array.from(x.dataSync())).toEqual([1, 2, 3]);
    });
  });

  test("tensors of every type go in and come out, empty ones and large ones included", () => {
    tf.tidy(() => {
      const identity = (x: tf.Tensor) => tf.reverse(tf.reverse(x, 0), 0);
      expect(Array.from(identity(tf.tensor1d([1.5, -2])).dataSync())).toEqual([1.5, -2]);
      expect(Array.from(identity(tf.tensor1d([2 ** 31 - 1, -(2 ** 31)], "int32")).dataSync())).toEqual([
        2 ** 31 - 1,
        -(2 ** 31),
      ]);
      expect(Array.from(identity(tf.tensor1d([true, false], "bool")).dataSync())).toEqual([1, 0]);
      const texts = ["", "é", "longer than what a string of TensorFlow holds without memory of its own"];
      expect(tf.stack([tf.tensor1d(texts), tf.tensor1d(texts)]).arraySync()).toEqual([texts, texts]);
      expect(Array.from(tf.real(tf.complex([1, 2], [3, 4])).dataSync())).toEqual([1, 2]);
      expect(tf.add(tf.zeros([0, 3]), 1).shape).toEqual([0, 3]);
      const large = new Random(1).normal([1009, 1013]);
      expect(tf.sub(tf.add(large, 0), large).abs().max().dataSync()[0]).toBe(0);
    });
  });

  test("a thousand reads and writes leave as many tensors as there were", () => {
    const before = handles();
    for (let i = 0; i < 1000; i++) tf.tidy(() => tf.matMul(tf.ones([3, 5]), tf.ones([5, 7])).dataSync());
    expect(handles()).toBe(before);
  });
});

describe("on wasm", () => {
  beforeAll(() => useBackend("wasm"));

  test("memory beyond 4 GB is an error that says so, not other tensors' values", () => {
    const heap = (tf.backend() as unknown as { wasm: { _malloc(bytes: number): number; _free(address: number): void } })
      .wasm;
    const addresses: number[] = [];
    // Address space only: nothing is written.
    expect(() => {
      for (let i = 0; i < 5; i++) addresses.push(heap._malloc(2 ** 30 - 2 ** 16));
    }).toThrow(/^Cannot allocate 1024 MiB: the backend "wasm" holds at most 4096 MiB/);
    for (const address of addresses) heap._free(address);
    expect(() => heap._malloc(2 ** 32 + 64)).toThrow(RangeError);
    expect(Array.from(tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1).dataSync()))).toEqual([2, 3]);
  });

  test("batches of matrices are multiplied without a change to their inputs", () => {
    tf.tidy(() => {
      const a = tf.ones([2, 3, 5]);
      const product = tf.matMul(a, tf.ones([2, 7, 5]), false, true);
      expect(product.shape).toEqual([2, 3, 7]);
      expect(Array.from(product.dataSync()).every((value) => value === 5)).toBe(true);
      expect(a.isDisposed).toBe(false);
    });
  });
});

describe.each(everyBackend)("an op that fails on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("leaves no tensor behind", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    expect(() => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([5, 7])))).toThrow();
    expect(() => tf.tidy(() => tf.concat([tf.ones([2, 3]), tf.ones([3, 2])], 0))).toThrow();
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });
});
