// Tensors in PyTorch's files: what torch.save writes, a zip archive with a pickle that says which tensors there are and
// the storages that hold their values. A checkpoint may come from anywhere, so the pickle is read as data (torch/unpickle).

import { named, type TensorFile, withContext } from "./tensorFile";
import * as tf from "./tf";
import { type Entry, openArchive } from "./torch/archive";
import { type Bytes, openBytes } from "./torch/bytes";
import { type Contents, contentsOf } from "./torch/contents";
import { known, storages } from "./torch/known";
import { unpickle } from "./torch/unpickle";

/**
 * Opens a checkpoint that PyTorch 1.6 or newer saved, a state dict or a dict with state dicts inside
 * (`model.encoder.weight`). Values are read when asked for. Numbers and text beside the tensors are its `metadata`.
 *
 * @param source Where it is, or its bytes.
 * @throws Error if it is no such file, is damaged, or asks for more than tensors, containers, numbers and text;
 * nothing in it is ever run.
 */
export async function readTorch(source: string | Uint8Array): Promise<TensorFile> {
  const path = typeof source === "string" ? source : "the bytes";
  const bytes = openBytes(source);
  try {
    refuseOthers(bytes);
    const archive = await openArchive(bytes);
    checkByteOrder(archive);
    return tensorFile(path, bytes, contentsOf(unpickle(pickleOf(archive), known, storages(archive))));
  } catch (error) {
    bytes.close();
    throw withContext(error, `Cannot read ${path} as a checkpoint of PyTorch`);
  }
}

function tensorFile(path: string, bytes: Bytes, { tensors, metadata }: Contents): TensorFile {
  const of = (name: string) => named(tensors, name, path);
  const reading = <R>(name: string, read: () => R): R => {
    try {
      return read();
    } catch (error) {
      throw withContext(error, `Cannot read the tensor "${name}" of ${path}`);
    }
  };
  return {
    metadata,
    names: () => [...tensors.keys()],
    has: (name) => tensors.has(name),
    shape: (name) => [...of(name).shape],
    dtype: (name) => of(name).dtype,
    check(name) {
      const { storage } = of(name);
      reading(name, () => storage.check());
    },
    tensor(name) {
      const stored = of(name);
      return reading(name, () => {
        const values = stored.read();
        return tf.tensor(values.data, [...stored.shape], values.dtype);
      });
    },
    close: () => bytes.close(),
  };
}

const longestPickle = 16 * 2 ** 20; // a state dict takes about 200 bytes for each of its tensors

/** The first bytes of the format of PyTorch before 1.6: protocol 2, a magic number. */
const legacyStart = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");

function refuseOthers(bytes: Bytes): void {
  const start = Buffer.from(bytes.read(0, Math.min(bytes.size, 64)));
  if (start.subarray(0, legacyStart.length).equals(legacyStart)) {
    throw new Error(
      "it must be a zip archive, got the format of PyTorch before 1.6; " +
        "from a source that you trust, convert it in Python: torch.save(torch.load(path, weights_only=True), path)",
    );
  }
  if (start.toString("latin1").startsWith("version https://git-lfs")) {
    throw new Error("it must be the file itself, got a pointer of Git LFS; fetch it: git lfs pull");
  }
  if (start.toString("latin1", 0, 4) !== "PK\x03\x04") {
    throw new Error("it must be a zip archive that torch.save wrote, got a file that begins otherwise");
  }
}

function checkByteOrder(archive: Map<string, Entry>): void {
  const order = archive.get("byteorder"); // PyTorch before 2.1 says nothing and is little-endian
  if (order && (order.size > 16 || Buffer.from(order.read()).toString() !== "little")) {
    throw new Error("its numbers must be little-endian, got another byte order");
  }
}

function pickleOf(archive: Map<string, Entry>): Uint8Array {
  const entry = archive.get("data.pkl") as Entry; // the archive was known by it
  if (entry.size > longestPickle) {
    throw new Error(`its data.pkl must be at most ${longestPickle} bytes long, got ${entry.size}`);
  }
  return entry.read();
}
