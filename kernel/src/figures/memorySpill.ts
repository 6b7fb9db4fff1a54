// Where the oldest part of a long log goes: a temporary file of Arrow IPC streams, one after another.

import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const files = new FinalizationRegistry<() => void>((close) => close());

/** Blocks of bytes in a file that is opened with the first of them and gone with the last reference to this. */
export class Spill {
  #file: number | undefined;
  #size = 0;
  readonly #blocks: { offset: number; length: number }[] = [];

  /** Blocks written. */
  get length(): number {
    return this.#blocks.length;
  }

  write(block: Uint8Array): void {
    this.#file ??= this.#open();
    for (let done = 0; done < block.length; ) {
      done += writeSync(this.#file, block, done, block.length - done, this.#size + done);
    }
    this.#blocks.push({ offset: this.#size, length: block.length });
    this.#size += block.length;
  }

  read(index: number): Uint8Array {
    const { offset, length } = this.#blocks[index];
    const block = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#file as number, block, done, length - done, offset + done);
      if (read === 0) throw new Error("Cannot read the log: its temporary file was cut short");
      done += read;
    }
    return block;
  }

  #open(): number {
    const path = join(tmpdir(), `bestrq-ledger-${randomUUID()}.arrow`);
    const file = openSync(path, "wx+", 0o600);
    const remove = () => rmSync(path, { force: true });
    try {
      remove(); // the system keeps an open file until it is closed, however this process ends
    } catch {
      process.once("exit", remove); // except on Windows
    }
    files.register(this, () => closeSync(file));
    return file;
  }
}
