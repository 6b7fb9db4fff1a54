// The zip archive that torch.save writes: one folder with the pickle, the storages and a few words about both.
// Its entries lie there as they are, not compressed, so any part of a storage is read without the rest; what is
// compressed is refused, and with it everything that could unpack to more than the file.
import { crc32 } from "node:zlib";
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry as ZipEntry } from "yauzl";
import type { Bytes } from "./bytes";

/** One file inside the archive. */
export interface Entry {
  readonly name: string;
  readonly size: number;
  /** Reads a part of it. @throws Error if it is damaged, or ends before. */
  read(begin?: number, length?: number): Uint8Array;
  /** Compares it with its checksum, once. @throws Error if it is damaged */
  check(): void;
}

const mostEntries = 100_000;
const checkedAtOnce = 2 ** 22;

/** The archive's entries by their names without the folder: `data.pkl`, `data/0`, ... */
export async function openArchive(bytes: Bytes): Promise<Map<string, Entry>> {
  const zip = await fromRandomAccessReaderPromise(new BytesReader(bytes), bytes.size, { autoClose: false });
  if (zip.entryCount > mostEntries)
    throw new Error(`it must have at most ${mostEntries} entries, got ${zip.entryCount}`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName))
      throw new Error(`its entries must have names of their own, got two ${entry.fileName}`);
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    entries.set(entry.fileName, storedEntry(bytes, entry, fileDataStart));
  }
  return inside(entries);
}

/** torch.save names the folder after the file, so it is found by the pickle in it. */
function inside(entries: Map<string, Entry>): Map<string, Entry> {
  const pickle = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (!pickle)
    throw new Error("it must be an archive that torch.save wrote, with a data.pkl in it, got another zip file");
  const folder = pickle.slice(0, -"data.pkl".length);
  return new Map(
    [...entries].map(([name, entry]) => [name.startsWith(folder) ? name.slice(folder.length) : name, entry]),
  );
}

function storedEntry(bytes: Bytes, zipped: ZipEntry, start: number): Entry {
  const { fileName: name, uncompressedSize: size, crc32: checksum } = zipped;
  let isWhole = false;
  const check = () => {
    if (isWhole) return;
    if (zipped.compressionMethod !== 0 || zipped.isEncrypted()) {
      throw new Error(`its ${name} must be stored as it is, as torch.save does, got it compressed or encrypted`);
    }
    let sum = 0;
    for (let at = 0; at < size; at += checkedAtOnce) {
      sum = crc32(bytes.read(start + at, Math.min(checkedAtOnce, size - at)), sum);
    }
    if (sum !== checksum) {
      throw new Error(
        `its ${name} must have the checksum ${hex(checksum)}, got ${hex(sum)}: the file is damaged, get or save it again`,
      );
    }
    isWhole = true;
  };
  return {
    name,
    size,
    check,
    read(begin = 0, length = size - begin) {
      if (begin + length > size) {
        throw new Error(`its ${name} must hold bytes ${begin} to ${begin + length}, got ${size} bytes in all`);
      }
      check();
      return bytes.read(start + begin, length);
    },
  };
}

const hex = (sum: number): string => sum.toString(16).padStart(8, "0");

/** What yauzl reads through: an error is always handed back, wherever a lying offset points. */
class BytesReader extends RandomAccessReader {
  constructor(private readonly bytes: Bytes) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      buffer.set(this.bytes.read(position, length), offset);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null);
  }
}
