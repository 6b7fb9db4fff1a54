import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Random, readTorch, tf } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";
import { useBackend } from "./backends";
import { checkpoint, zip } from "./torch/archives";

const seed = Number(process.env.BESTRQ_SEED ?? 31);
const rounds = Number(process.env.BESTRQ_ROUNDS ?? 10_000);
const pathTo = (name: string) => fileURLToPath(new URL(`torch/${name}`, import.meta.url));

beforeAll(() => useBackend("wasm"));

/** Changes up to six bytes, or cuts, repeats or moves a piece. */
function mutated(bytes: Uint8Array, random: Random, from = 0): Uint8Array {
  const place = () => from + random.integer(bytes.length - from);
  const kind = random.integer(8);
  if (kind < 5) {
    const changed = Uint8Array.from(bytes);
    const edges = [0, 1, 0x7f, 0x80, 0xff];
    for (let k = random.integer(random.integer(6) + 1); k >= 0; k--) {
      changed[place()] = random.integer(2) ? random.integer(256) : edges[random.integer(edges.length)];
    }
    return changed;
  }
  const [begin, end] = [place(), place()].sort((a, b) => a - b);
  if (kind === 5) return bytes.subarray(0, end);
  if (kind === 6) return Buffer.concat([bytes.subarray(0, begin), bytes.subarray(end)]);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(begin)]);
}

/** The entries of an archive that torch.save wrote, by their names. */
function entriesOf(bytes: Buffer): [string, Buffer][] {
  const entries: [string, Buffer][] = [];
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const [size, local] = [24, 42].map((offset) => bytes.readUInt32LE(at + offset));
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    entries.push([bytes.toString("latin1", at + 46, at + 46 + nameLength), bytes.subarray(start, start + size)]);
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

/** Words of an engine that stumbled, not of a reader that refused. */
const stumbled =
  /undefined|is not a function|not iterable|Maximum call stack|Invalid (array|typed array|string) length|BigInt|NaN|allocation failed|out of memory|Unexpected/i;

test(`readTorch() answers ${rounds} mutated files with tensors or a clear error`, async () => {
  console.log(`mutations from seed ${seed}`);
  const random = new Random(seed);
  const files = ["types.ckpt", "protocol5.ckpt", "malicious.ckpt"].map((name) => readFileSync(pathTo(name)));
  const archives = files.map(entriesOf);
  const counts = { opened: 0, read: 0, refused: 0 };
  const before = tf.memory().numTensors;
  for (let round = 0; round < rounds; round++) {
    const which = random.integer(files.length);
    const directory = files[which].indexOf("PK\x01\x02", 0, "latin1");
    const bytes = [
      () => mutated(files[which], random),
      () => mutated(files[which], random, directory),
      // Checksums that are right, or nothing but them would be tried.
      () => zip(archives[which].map(([name, data]) => [name, /data\.pkl$/.test(name) ? mutated(data, random) : data])),
      () => zip(archives[which].map(([name, data]) => [name, data.length > 0 ? mutated(data, random) : data])),
      () => checkpoint(mutated(archives[which][0][1], random), { zip64: true }),
    ][[0, 1, 2, 2, 2, 3, 4][random.integer(7)]]();
    const answered = async (answer: () => Promise<void> | void) => {
      try {
        await answer();
      } catch (error) {
        counts.refused++;
        const { message } = error as Error;
        expect(error, `round ${round}`).toBeInstanceOf(Error);
        expect(message, `round ${round}`).toMatch(/^Cannot read (the bytes as a checkpoint of PyTorch|the tensor ")/);
        expect(message.slice("Cannot read ".length), `round ${round}`).not.toMatch(stumbled);
      }
    };
    await answered(async () => {
      const file = await readTorch(bytes);
      counts.opened++;
      for (const name of file.names()) {
        await answered(() => {
          file.tensor(name).dispose();
          counts.read++;
        });
      }
    });
  }
  console.log(counts);
  expect(counts.refused).toBeGreaterThan(rounds / 2);
  expect(counts.opened).toBeGreaterThan(rounds / 50);
  expect(tf.memory().numTensors).toBe(before);
});
