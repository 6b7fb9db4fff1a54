// The order in which XLA runs compiled ops on the CPU.
import { setenvOf } from "./environment";
import type { Library } from "./quiet";

const flag = "xla_cpu_enable_concurrency_optimized_scheduler";
/** The C++ function that sets it, which a version of XLA that has the flag exports: an unknown flag ends the process. */
const setter = `_ZN3xla12DebugOptions${`set_${flag}`.length}set_${flag}Eb`;
const parser = "_ZN3xla28ParseDebugOptionFlagsFromEnvEb";

/**
 * Has XLA order ops so that little is in memory at once, unless `XLA_FLAGS` says otherwise. By default it runs first
 * what waits for nothing: the scores of all blocks of self-attention are in memory together then, though the mixer
 * computes one block after the other so that they never are. Each op still uses all threads.
 *
 * @param library libtensorflow's main library, before it compiles anything
 */
export function orderForMemory(libc: Library, library: Library): void {
  const parse = functionOf(library, parser);
  if (!parse || !functionOf(library, setter)) return; // another version of TensorFlow
  const getenv = libc.func("const char* getenv(const char*)") as (name: string) => string | null;
  const setenv = setenvOf(libc);
  const unsetenv = libc.func("int unsetenv(const char*)") as (name: string) => void;
  const given = getenv("XLA_FLAGS");
  if (given?.includes(flag)) return;
  setenv("XLA_FLAGS", `${given ?? ""} --${flag}=false`.trim(), 1);
  parse(false);
  // Programs that are started may have an XLA of their own, that does not know it.
  if (given === null) unsetenv("XLA_FLAGS");
  else setenv("XLA_FLAGS", given, 1);
}

function functionOf(library: Library, name: string): ((value: boolean) => void) | undefined {
  try {
    return library.func(`void ${name}(bool)`) as (value: boolean) => void;
  } catch {
    return undefined;
  }
}
