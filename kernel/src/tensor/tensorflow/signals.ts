// Keeps signals away from the threads that compute.
import type { Library } from "./quiet";

const SIG_BLOCK = 0;
const bytesOfSet = 128; // sigset_t
/** What a fault of the thread itself raises: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS. */
const faults = [4, 5, 6, 7, 8, 11, 31];

/**
 * Blocks signals on this thread and on all that it starts from now on, which are TensorFlow's.
 *
 * oneDNN's matrix product for processors without AVX-512 computes with the stack pointer as one more register. The frame of a
 * signal that comes then, be it an interrupt's SIGINT, is written over what that register points to, and the process
 * dies of a corrupted heap. Node.js takes signals on any thread, and V8's own stay open to them: listeners and interrupts
 * work as before. Programs that are started block nothing. V8's profiler alone, which sends SIGPROF to the thread that it
 * watches, no longer sees it.
 */
export function blockSignals(libc: Library): void {
  if (process.platform !== "linux") return;
  const signals = Buffer.alloc(bytesOfSet, 0xff);
  for (const fault of faults) signals[(fault - 1) >> 3] &= ~(1 << ((fault - 1) & 7));
  const block = libc.func("int pthread_sigmask(int, void*, void*)") as (...args: unknown[]) => number;
  block(SIG_BLOCK, signals, null);
}
