import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Random, readSafetensors, tf, writeSafetensors } from "bestrq/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reference, useBackend } from "./backends";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
const path = join(folder, "test.safetensors");

beforeAll(() => useBackend("wasm"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file by hand: this header, these values. */
function writeRaw(header: unknown, data: Uint8Array = new Uint8Array()): void {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, data]));
}

/** Reads one tensor of type `dtype` with these bytes. */
function decode(dtype: string, data: ArrayBufferView, count: number): { dtype: string; values: number[] } {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  writeRaw({ x: { dtype, shape: [count], data_offsets: [0, bytes.length] } }, bytes);
  const file = readSafetensors(path);
  try {
    return tf.tidy(() => {
      const tensor = file.tensor("x");
      return { dtype: tensor.dtype, values: Array.from(tensor.dataSync()) };
    });
  } finally {
    file.close();
  }
}

describe("writeSafetensors() and readSafetensors()", () => {
  test("give back what was written, types, shapes and metadata included", async () => {
    const tensors = {
      mask: tf.tensor1d([1, 0, 1], "bool"),
      weight: tf.tensor2d([1.5, -2, 3, 0, Number.NaN, Number.NEGATIVE_INFINITY], [2, 3]),
      codes: tf.tensor1d([0, -5, 2 ** 31 - 1], "int32"),
      scalar: tf.scalar(7),
      empty: tf.zeros([0, 3]),
      __proto: tf.scalar(1),
    };
    await writeSafetensors(path, tensors, { size: "tiny", note: "é" });
    tf.tidy(() => {
      const file = readSafetensors(path);
      expect(file.metadata).toEqual({ size: "tiny", note: "é" });
      expect(file.names().sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, tensor] of Object.entries(tensors)) {
        expect(file.shape(name)).toEqual(tensor.shape);
        const read = file.tensor(name);
        expect([read.dtype, read.shape]).toEqual([tensor.dtype, tensor.shape]);
        expect(Array.from(read.dataSync())).toEqual(Array.from(tensor.dataSync()));
      }
      expect(file.has("bias")).toBe(false);
      expect(() => file.tensor("bias")).toThrow('Cannot find the tensor "bias"');
      file.close();
    });
  });

  test("writes a header of a multiple of 8 bytes, padded with spaces", async () => {
    await writeSafetensors(path, { x: tf.tensor1d([1, 2, 3]) });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(bytes.subarray(8, 8 + length).toString()).toMatch(/^\{.*\} *$/);
    expect(bytes.length).toBe(8 + length + 12);
  });

  test("leaves the old file, and nothing else, when writing fails", async () => {
    await writeSafetensors(path, { x: tf.scalar(1) });
    const gone = tf.scalar(2);
    gone.dispose();
    await expect(writeSafetensors(path, { x: gone })).rejects.toThrow();
    await expect(writeSafetensors(path, { x: tf.tensor1d(["text"]) })).rejects.toThrow(
      "must be float32, int32 or bool, got string",
    );
    await expect(writeSafetensors(path, { __metadata__: tf.scalar(1) })).rejects.toThrow(TypeError);
    const file = readSafetensors(path);
    expect(file.tensor("x").dataSync()).toEqual(Float32Array.of(1));
    file.close();
    expect(readdirSync(folder)).toEqual(["test.safetensors"]);
  });

  test("reads every type that fits, and says which does not", () => {
    expect(decode("F64", Float64Array.of(0.5, -3), 2)).toEqual({ dtype: "float32", values: [0.5, -3] });
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x7e00, 0x7bff);
    expect(decode("F16", halves, 6).values).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN, 65504]);
    expect(decode("BF16", Uint16Array.of(0x3f80, 0xc040), 2)).toEqual({ dtype: "float32", values: [1, -3] });
    expect(decode("I64", BigInt64Array.of(-1n, 2n ** 31n - 1n), 2)).toEqual({
      dtype: "int32",
      values: [-1, 2 ** 31 - 1],
    });
    expect(() => decode("I64", BigInt64Array.of(2n ** 31n), 1)).toThrow(
      "its whole numbers must fit 32 bits, got 2147483648",
    );
    expect(decode("U8", Uint8Array.of(0, 255), 2)).toEqual({ dtype: "int32", values: [0, 255] });
    expect(decode("BOOL", Uint8Array.of(0, 1), 2)).toEqual({ dtype: "bool", values: [0, 1] });
    expect(() => decode("F8_E4M3", Uint8Array.of(0, 1), 2)).toThrow(/must be one of F64, .*, got F8_E4M3/);
    expect(() => decode("constructor", Uint8Array.of(0, 1), 2)).toThrow("got constructor");
  });

  test("says which rule of the format a header breaks", () => {
    const entry = (begin: number, end: number, shape = [1]) => ({ dtype: "F32", shape, data_offsets: [begin, end] });
    const four = new Uint8Array(4);
    const eight = new Uint8Array(8);
    const broken: [unknown, Uint8Array, string][] = [
      ["{", four, "its header must be JSON"],
      ["[]", four, "its header must be a JSON object, got []"],
      [{ x: entry(0, 8, [2]) }, four, "its values must take 8 bytes, got 4"],
      [{ x: entry(0, 4) }, eight, "its values must take 4 bytes, got 8"],
      [{ x: entry(0, 4, [2]) }, four, 'its tensor "x", F32 [2], must take 8 bytes, got 4'],
      [{ x: entry(0, 4), y: entry(0, 4) }, four, 'its tensor "y" must begin at byte 4 of the values, got 0'],
      [
        { x: entry(0, 4), y: entry(4, 8), z: entry(2, 6) },
        eight,
        'its tensor "z" must begin at byte 4 of the values, got 2',
      ],
      [{ x: entry(4, 0) }, four, 'its tensor "x" must have a dtype'],
      [{ x: entry(-4, 0) }, four, 'its tensor "x" must have a dtype'],
      [{ x: null }, four, 'its tensor "x" must have a dtype'],
      [{ x: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, four, "must take"],
      [{ __metadata__: { steps: 3 } }, new Uint8Array(), "its metadata must be an object of strings"],
    ];
    for (const [header, data, message] of broken) {
      writeRaw(header, data);
      expect(() => readSafetensors(path), message).toThrow(message);
    }
    writeFileSync(path, "short");
    expect(() => readSafetensors(path)).toThrow("its first 8 bytes must tell the header's length, got 5 bytes");
    writeFileSync(path, Buffer.alloc(16, 255));
    expect(() => readSafetensors(path)).toThrow("its header must be at most 8 bytes long");
    expect(() => readSafetensors(join(folder, "none"))).toThrow("ENOENT");
  });

  test("answers every damaged file with an error or with tensors inside it", async () => {
    const seed = 23;
    console.log(`damage from seed ${seed}`);
    const tensors = { a: tf.ones([3, 5]), b: tf.tensor1d([1, 0], "bool"), c: tf.scalar(2) };
    await writeSafetensors(path, tensors, { k: "v" });
    const whole = readFileSync(path);
    const random = new Random(seed);
    for (let i = 0; i < 2000; i++) {
      const damaged = Buffer.from(whole.subarray(0, random.integer(4) ? whole.length : random.integer(whole.length)));
      for (let k = random.integer(4); k >= 0 && damaged.length > 0; k--)
        damaged[random.integer(Math.min(damaged.length, 200))] = random.integer(256);
      writeFileSync(path, damaged);
      try {
        const file = readSafetensors(path);
        try {
          for (const name of file.names()) file.tensor(name).dispose();
        } finally {
          file.close();
        }
      } catch (error) {
        expect((error as Error).message).toMatch(/^Cannot (read|find)/);
      }
    }
  });

  test("reads the reference vectors", () => {
    const one = reference("selective_scan.safetensors");
    if (!one) return; // files of our own are read above
    for (const name of readdirSync(dirname(one)).filter((name) => name.endsWith(".safetensors"))) {
      const file = readSafetensors(join(dirname(one), name));
      tf.tidy(() => {
        for (const tensor of file.names()) expect(file.tensor(tensor).shape).toEqual(file.shape(tensor));
      });
      file.close();
    }
  });
});
