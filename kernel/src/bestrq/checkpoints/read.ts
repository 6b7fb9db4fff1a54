import { existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, readTorch, type TensorFile } from "../../tensor";

/** The files of a folder that SpeechBrain saved, and where their tensors stand among those of one whole model.ckpt. */
const parts = [
  { file: "model.ckpt", prefix: "" },
  { file: "quantizer.ckpt", prefix: "2." },
  { file: "linear.ckpt", prefix: "3." },
];

/**
 * Opens a checkpoint: a safetensors file, a file that `torch.save` wrote, or a folder that SpeechBrain saved
 * (`save/CKPT+...`), whose `model.ckpt`, `quantizer.ckpt` and `linear.ckpt` are read as the one file that they were in
 * the paper's time. Nothing in it is ever run; values are read when asked for.
 *
 * @throws Error if it cannot be opened, is damaged, of another format, or asks Python for more than tensors and
 * containers.
 *
 * @example
 * const file = await readCheckpoint("/home/me/brq/model.ckpt");
 * file.names();
 * file.shape("1.transformer.encoder.norm.norm.weight"); // [576]
 * file.close();
 */
export async function readCheckpoint(path: string): Promise<TensorFile> {
  if (statSync(path).isDirectory()) return readFolder(path);
  return (await isSafetensors(path)) ? readSafetensors(path) : readTorch(path);
}

/** By its ninth byte, with which a header of JSON begins; names on a hub's shelf may tell nothing. */
async function isSafetensors(path: string): Promise<boolean> {
  if (path.endsWith(".safetensors")) return true;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
    return bytesRead === 9 && buffer[8] === "{".charCodeAt(0);
  } finally {
    await file.close();
  }
}

async function readFolder(folder: string): Promise<TensorFile> {
  const [model, ...others] = parts.map(({ file, prefix }) => ({ path: join(folder, file), prefix }));
  const found = [model, ...others.filter(({ path }) => existsSync(path))];
  const files: Part[] = [];
  try {
    for (const { path, prefix } of found) files.push({ file: await readCheckpoint(path), prefix });
  } catch (error) {
    for (const { file } of files) file.close();
    throw error;
  }
  return joined(files);
}

interface Part {
  readonly file: TensorFile;
  readonly prefix: string;
}

/** Several files as one, the names of each behind its prefix. */
function joined(files: readonly Part[]): TensorFile {
  const [{ file: model }] = files;
  const find = <R>(name: string, read: (file: TensorFile, name: string) => R): R => {
    const inner = (prefix: string) => name.slice(prefix.length);
    const part = files.find(({ file, prefix }) => name.startsWith(prefix) && file.has(inner(prefix)));
    return part ? read(part.file, inner(part.prefix)) : read(model, name); // the model's file says what is missing
  };
  return {
    metadata: model.metadata,
    names: () => files.flatMap(({ file, prefix }) => file.names().map((name) => prefix + name)),
    has: (name) => find(name, (file, inner) => file.has(inner)),
    shape: (name) => find(name, (file, inner) => file.shape(inner)),
    dtype: (name) => find(name, (file, inner) => file.dtype(inner)),
    check: (name) => find(name, (file, inner) => file.check(inner)),
    tensor: (name) => find(name, (file, inner) => file.tensor(inner)),
    close() {
      for (const { file } of files) file.close();
    },
  };
}
