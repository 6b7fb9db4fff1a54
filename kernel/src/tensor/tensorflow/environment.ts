// The process's environment as C sees it: a worker thread's process.env is a copy.
import type { Library } from "./quiet";

/** C's setenv: name, value, and 1 to replace what is there. */
export const setenvOf = (libc: Library) =>
  libc.func("int setenv(const char*, const char*, int)") as (...args: [string, string, number]) => number;
