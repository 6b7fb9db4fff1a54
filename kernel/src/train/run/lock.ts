// One run on a folder at a time. The system keeps the lock, so that a process that is killed leaves none.
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";

const LOCK_EX = 2;
const LOCK_NB = 4;
const [EAGAIN_LINUX, EAGAIN_MAC] = [11, 35];

/**
 * Takes the lock that a file stands for, until the function that is returned is called or the process ends.
 *
 * @throws Error where another run has it, naming the process
 */
export async function lock(path: string): Promise<() => void> {
  const file = openSync(path, "a+");
  try {
    if (process.platform !== "win32" && (await isTaken(file))) {
      const holder = readFileSync(path, "utf8").trim() || "another process";
      throw new Error(`${holder} is training in it at this moment. Wait for its end, or take another folder`);
    }
    ftruncateSync(file);
    writeSync(file, `process ${process.pid} on ${hostname()}\n`);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  let held = true;
  return () => {
    if (held) closeSync(file);
    held = false;
  };
}

async function isTaken(file: number): Promise<boolean> {
  const { default: koffi } = await import("koffi");
  const flock = koffi.load(null).func("int flock(int, int)");
  if (flock(file, LOCK_EX | LOCK_NB) === 0) return false;
  return [EAGAIN_LINUX, EAGAIN_MAC].includes(koffi.errno()); // else the file system knows no locks
}
