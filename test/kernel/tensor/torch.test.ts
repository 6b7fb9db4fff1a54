import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readTorch, type TensorFile, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "./backends";
import { checkpoint, dict, global, pickle, storage, tensor, text, tuple, whole, zip } from "./torch/archives";

const here = fileURLToPath(new URL("torch/", import.meta.url));
const state = pickle(dict(text("weight"), tensor(0, [2, 3], [3, 1])));

beforeAll(() => useBackend("wasm"));

const valuesOf = (file: TensorFile, name: string): number[] => tf.tidy(() => [...file.tensor(name).dataSync()]);

/** What the reader says of these bytes, once every tensor was asked for. */
async function complaint(bytes: Uint8Array): Promise<string> {
  try {
    const file = await readTorch(bytes);
    for (const name of file.names()) valuesOf(file, name);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}
const complaintOf = (...instructions: Parameters<typeof pickle>) => complaint(checkpoint(pickle(...instructions)));

describe("readTorch()", () => {
  test.each(["types.ckpt", "protocol5.ckpt"])("reads what PyTorch wrote: %s", async (name) => {
    const before = tf.memory().numTensors;
    const file = await readTorch(here + name);
    const range = Array.from({ length: 15 }, (_, index) => index);
    const dtypes = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "parameter", "views.whole"];
    for (const dtype of dtypes) {
      expect(file.shape(dtype)).toEqual([3, 5]);
      expect(valuesOf(file, dtype), dtype).toEqual(range);
    }
    expect(valuesOf(file, "bool")).toEqual(range.map((value) => Number(value > 7)));
    expect(tf.tidy(() => ["bool", "int64", "bfloat16"].map((dtype) => file.tensor(dtype).dtype))).toEqual([
      "bool",
      "int32",
      "float32",
    ]);
    expect([file.shape("empty"), valuesOf(file, "empty")]).toEqual([[0, 3], []]);
    expect([file.shape("scalar"), valuesOf(file, "scalar")]).toEqual([[], [3.5]]);
    expect([file.shape("views.transposed"), valuesOf(file, "views.transposed")]).toEqual([
      [5, 3],
      range.map((index) => (index % 3) * 5 + Math.floor(index / 3)),
    ]);
    expect([file.shape("views.part"), valuesOf(file, "views.part")]).toEqual([
      [2, 3],
      [5, 7, 9, 10, 12, 14],
    ]);
    expect([file.shape("views.column"), valuesOf(file, "views.column")]).toEqual([[3], [3, 8, 13]]);
    for (const dtype of ["int16", "uint16"])
      expect(() => file.tensor(dtype)).toThrow(/must be one of F64, .*, got [IU]16/);
    expect(file.metadata).toEqual({
      ...{ "plain.count": "3", "plain.rate": "2.5", "plain.text": "hej, é", "plain.large": String(2n ** 80n) },
      ...{ "plain.negative": "-5", "plain.yes": "true" },
    });
    expect(() => file.tensor("none")).toThrow('Cannot find the tensor "none"');
    file.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("reads archives with 64-bit sizes, as large files have", async () => {
    const file = await readTorch(checkpoint(state, { zip64: true }));
    expect(valuesOf(file, "weight")).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("refuses what would run code by its name, and runs nothing", async () => {
    await expect(readTorch(`${here}malicious.ckpt`)).rejects.toThrow(
      /^Cannot read .*malicious\.ckpt as a checkpoint of PyTorch: its pickle asks Python for "posix\.system", which is refused: a checkpoint is data and may not run code/,
    );
    const names = [
      ...[
        "posix.system",
        "nt.system",
        "os.system",
        "os.popen",
        "subprocess.Popen",
        "subprocess.check_output",
        "pty.spawn",
      ],
      ...[
        "builtins.eval",
        "builtins.exec",
        "builtins.getattr",
        "__builtin__.eval",
        "builtins.__import__",
        "builtins.open",
      ],
      ...[
        "torch.load",
        "torch.hub.load",
        "torch.storage._load_from_bytes",
        "torch._utils._rebuild_tensor",
        "torch.jit.load",
      ],
      ...["pickle.loads", "importlib.import_module", "functools.partial", "operator.attrgetter", "runpy.run_path"],
      ...[
        "collections.OrderedDict.update",
        "codecs.decode",
        "numpy.load",
        "a.__proto__",
        "a.constructor",
        ".",
        "__main__.Model",
      ],
    ];
    for (const name of names) {
      const [module, member] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
      const refusal = `asks Python for ${JSON.stringify(name)}, which is refused`;
      const call = [tuple(text("touch code-was-run")), "R"];
      expect(await complaintOf(global(module, member), ...call)).toContain(refusal);
      expect(await complaintOf(text(module), text(member), [0x93], ...call)).toContain(refusal);
    }
    expect(existsSync("code-was-run")).toBe(false);
  });

  test("gives no instruction a way around that list", async () => {
    const dictionary = global("collections", "OrderedDict");
    const broken: [string, Parameters<typeof pickle>][] = [
      ['the instruction "i"', ["(", "iposix\nsystem\n"]],
      ['the instruction "o"', ["(", dictionary, "o"]],
      ["the instruction 0x81", [dictionary, ")", [0x81]]],
      ["the instruction 0x82", [[0x82, 1]]],
      ['the instruction "P"', ["P0\n"]],
      ["calls what is no function", [text("print"), tuple(text("x")), "R"]],
      ["calls what is no function", [global("torch", "FloatStorage"), ")", "R"]],
      ["calls what is no function", [dictionary, "]", "R"]],
      ["makes an OrderedDict in a way of its own", [dictionary, tuple("]"), "R"]],
      ["sets attributes of what is no OrderedDict", [dictionary, "}", "b"]],
      ["names what is no text", ["]", text("system"), [0x93]]],
      ["persistent ids must be of storages", [tuple(text("module"), text("x")), "Q"]],
      ["makes a tensor of what is no storage", [tensor(0, [1], [1], text("storage"))]],
      ["makes a parameter of what is no tensor", [global("torch._utils", "_rebuild_parameter"), tuple("}"), "R"]],
      ["appends to what is no list", [")", "N", "a"]],
      ["sets items of what is no dict", ["]", "N", "N", "s"]],
      ["sets items of what is no dict", ["}", "(", "N", "u"]],
      ["adds to what is no set", ["]", "(", "N", [0x90]]],
      ["whose key is no number, text or tuple", ["}", "]", "N", "s"]],
      ["takes more values than it makes", ["0"]],
      ["takes more values than it makes", ["N", "(", "0"]],
      ["takes more values than it makes", []],
      ["takes more marks than it makes", ["t"]],
      ["recalls what it has not made, number 7", ["h", [7]]],
      ["must be a dict of tensors", ["]"]],
    ];
    for (const [message, instructions] of broken) {
      expect(await complaintOf(...instructions), message).toContain(message);
    }
    expect(await complaint(checkpoint(Buffer.from("cposix\nsystem\n(S'id'\ntR.")))).toContain(
      "must be of protocol 2 to 5",
    );
    expect(await complaint(checkpoint(Buffer.from([0x80, 2])))).toContain("must have 1 bytes from byte 2 on, got 0");
  });

  test("holds lengths to the bytes that there are", async () => {
    const broken: [string, Parameters<typeof pickle>][] = [
      ["must have 4294967295 bytes", ["X", [255, 255, 255, 255]]],
      ["must have 9223372036854776000 bytes", [[0x8d, 0, 0, 0, 0, 0, 0, 0, 128]]],
      ["must have 4294967295 bytes", ["B", [255, 255, 255, 255]]],
      ["must take at most 16 bytes, got 2147483647", [[0x8b, 255, 255, 255, 127]]],
      ["must take at most 16 bytes, got 200", [[0x8a, 200]]],
      ["must have a frame of", [[0x95, 0, 0, 0, 1, 0, 0, 0, 0]]],
      ["names must have at most 256 characters", ["c", "a".repeat(300), "\n"]],
      ["names must have at most 256 characters", ["cposix"]],
    ];
    for (const [message, instructions] of broken) expect(await complaintOf(...instructions)).toContain(message);
  });

  test("makes no more of a pickle than its length is worth", async () => {
    const many = "at most 1000000 objects";
    expect(await complaintOf("}".repeat(1_100_000))).toContain(many);
    expect(await complaintOf("N", Buffer.alloc(1_100_000, 0x94))).toContain(many);
    const items = Buffer.alloc(100_000, "N");
    const sets = Buffer.from(`c__builtin__\nset\nh\x00\x85R0`.repeat(50_000), "latin1");
    expect(await complaintOf("](", items, "e", "q\x00", "0", sets)).toContain(many);
    expect(await complaint(zip([["a/data.pkl", Buffer.alloc(17 * 2 ** 20)]]))).toContain(
      "must be at most 16777216 bytes long",
    );
    // Lists of ten times the list before, thirty times: nothing here counts them out.
    const laughs = Array.from({ length: 30 }, (_, index) =>
      Buffer.from(
        ["](", ...Array(10).fill(`h${String.fromCharCode(index)}`), "e", `q${String.fromCharCode(index + 1)}`].join(""),
        "latin1",
      ),
    );
    expect(
      await complaintOf(dict(text("weight"), tensor(0, [2], [1])), "]", "q\x00", ...laughs, Buffer.alloc(31, "0")),
    ).toBe("none");
    expect(await complaintOf("}", "q\x00", text("itself"), "h\x00", "s")).toBe("none");
    expect(await complaintOf("]", "q\x00", "h\x00", "a", "0", "}", text("list"), "h\x00", "s")).toBe("none");
  });

  test("reads deep nesting without going deep itself", async () => {
    const deep = (open: string, close: string) => complaintOf(open.repeat(100_000), close.repeat(100_000));
    expect(await deep("(", "t")).toContain("must be a dict of tensors");
    expect(await deep("]", "a")).toContain("takes more values than it makes");
    const dicts = [...Array(40).keys()].flatMap(() => ["}", text("a")]);
    expect(await complaintOf(...dicts, "N", "s".repeat(40))).toContain("at most 16 deep in each other");
  });

  test("holds tensors to their storages", async () => {
    const huge = 2 ** 40;
    const broken: [string, Uint8Array][] = [
      ["must hold a tensor of F32 [7] from value 0 on", tensor(0, [7], [1])],
      ["must hold a tensor of F32 [2,3] from value 1 on", tensor(1, [2, 3], [3, 1])],
      ["must hold a tensor of F32 [2] from value 0 on, with strides [6]", tensor(0, [2], [6])],
      ["must hold a tensor of F32 [7,7]", tensor(0, [7, 7], [0, 0])],
      ["must hold a tensor", tensor(0, Array(30).fill(huge), Array(30).fill(0))],
      ["must hold a tensor", tensor(0, Array(30).fill(huge), Array(30).fill(huge))],
      ["must hold a tensor", tensor(huge, [0, huge, huge, huge], [1, 1, 1, 1])],
      ["of whole numbers from 0 on", tensor(-1, [2], [1])],
      ["of whole numbers from 0 on", tensor(0, [-2], [1])],
      ["of whole numbers from 0 on", tensor(0, [2], [-1])],
      ["of whole numbers from 0 on", tensor(0, [2], [1, 1])],
      ["of whole numbers from 0 on", tensor(0, Array(65).fill(1), Array(65).fill(1))],
      ["must hold a tensor of F64 [6]", tensor(0, [6], [1], storage("0", "DoubleStorage"))],
      ["got none named 1", tensor(0, [1], [1], storage("1"))],
      ["got none named ../../data.pkl", tensor(0, [1], [1], storage("../../data.pkl"))],
      ["its type must be one of F64", tensor(0, [1], [1], storage("0", "ComplexFloatStorage"))],
    ];
    for (const [message, one] of broken) expect(await complaintOf(dict(text("x"), one)), message).toContain(message);
    const file = await readTorch(checkpoint(pickle(dict(text("x"), tensor(6, [0, huge], [huge, 1])))));
    expect(file.shape("x")).toEqual([0, huge]);
    // A list that is changed once the tensor is made.
    const late = pickle(
      ...["](", whole(2), "e", "q\x00", "0", "}", text("x"), global("torch._utils", "_rebuild_tensor_v2")],
      ...[
        tuple(storage(), whole(0), "h\x00", tuple(whole(1)), [0x89], "}"),
        "R",
        "s",
        "h\x00",
        whole(2 ** 40),
        "a",
        "0",
      ],
    );
    expect((await readTorch(checkpoint(late))).shape("x")).toEqual([2]);
  });

  test("says what is wrong with an archive", async () => {
    const intact = checkpoint(state);
    const data = new Uint8Array(24);
    const entry = (lies: Parameters<typeof zip>[0][number][2]) =>
      complaint(
        zip([
          ["a/data.pkl", state],
          ["a/data/0", data, lies],
        ]),
      );
    expect(await entry({})).toBe("none");
    expect(await entry({ method: 8 })).toContain("its a/data/0 must be stored as it is, as torch.save does");
    expect(await entry({ flags: 1 })).toMatch(/must be stored as it is|mismatch/);
    expect(await entry({ checksum: 1 })).toMatch(/must have the checksum 00000001, got \w+: the file is damaged/);
    expect(await entry({ size: 2 ** 31 })).toContain("file data overflows file bounds");
    expect(await entry({ size: 20 })).toMatch(/its a\/data\/0, 20 bytes, must hold a tensor/);
    expect(await entry({ offset: 2 ** 31 })).toMatch(/must hold bytes \d+ to \d+, got \d+ bytes in all/);
    expect(await complaint(checkpoint(state, { count: 3 }))).toBe("none"); // the directory's last entry is not needed
    expect(await complaint(checkpoint(state, { count: 9 }))).toMatch(/must hold bytes \d+ to \d+/);
    expect(await complaint(checkpoint(state, { count: 60_000 }))).toMatch(/must hold bytes \d+ to \d+/);
    expect(await complaint(checkpoint(state, { zip64: true, count: 1e9 }))).toContain("at most 100000 entries");
    expect(
      await complaint(
        zip([
          ["a/data.pkl", state],
          ["a/data.pkl", state],
        ]),
      ),
    ).toContain("got two a/data.pkl");
    expect(await complaint(zip([["a/other.txt", state]]))).toContain("got another zip file");
    expect(
      await complaint(
        zip([
          ["a/data.pkl", state],
          ["a/byteorder", Buffer.from("big")],
        ]),
      ),
    ).toContain("little-endian");
    expect(await complaint(zip([["../data.pkl", state]]))).toContain("invalid relative path");
    for (let length = 0; length < intact.length; length++) {
      expect(await complaint(intact.subarray(0, length))).toMatch(
        /^Cannot read the bytes as a checkpoint of PyTorch: /,
      );
    }
  });

  test("names other formats and the way out", async () => {
    await expect(readTorch(`${here}legacy.ckpt`)).rejects.toThrow(
      /got the format of PyTorch before 1\.6; .* torch\.save\(torch\.load\(path, weights_only=True\), path\)/,
    );
    const pointer = Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 541000000\n");
    expect(await complaint(pointer)).toContain("git lfs pull");
    expect(await complaint(Buffer.from("hello"))).toContain("it must be a zip archive that torch.save wrote");
    expect(await complaint(new Uint8Array())).toContain("it must be a zip archive that torch.save wrote");
    await expect(readTorch(`${here}none.ckpt`)).rejects.toThrow("ENOENT");
  });

  test("compares every storage with its checksum before it gives values", async () => {
    const bytes = Uint8Array.from(readFileSync(`${here}types.ckpt`));
    const at = Buffer.from(bytes).indexOf(Buffer.from(Float32Array.of(3, 4, 5, 6, 7).buffer));
    bytes[at] ^= 1;
    const file = await readTorch(bytes);
    expect(() => file.check("float32")).toThrow(
      /^Cannot read the tensor "float32" of the bytes: .*the file is damaged/,
    );
    expect(() => file.tensor("float32")).toThrow("the file is damaged");
    expect(() => file.check("float64")).not.toThrow();
  });
});
