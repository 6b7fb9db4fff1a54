// Says in a notebook what a first pass waits for: compiling, where that takes long. Imported for its effect.
import { type DisplayHandle, display, duration, hostSymbol } from "../figures";
import { jit } from "../tensor";

/** Seconds after which one would like to know. */
const late = 2;
/** Compilations that begin within so many seconds of the last one's end belong to one pass. */
const pause = 5;

let pass = { functions: 0, seconds: 0, end: 0, line: undefined as DisplayHandle | undefined };

jit.onCompile(({ seconds }) => {
  const end = performance.now() / 1000;
  if (end - seconds - pass.end > pause) pass = { functions: 0, seconds: 0, end, line: undefined };
  pass = { ...pass, functions: pass.functions + 1, seconds: pass.seconds + seconds, end };
  if (!(hostSymbol in globalThis) || pass.seconds < late) return;
  const functions = `${pass.functions} ${pass.functions === 1 ? "function" : "functions"}`;
  const text = `Compiled ${functions} for input of this length in ${duration(pass.seconds)}; the next pass has them at hand`;
  pass.line = pass.line?.update(text) ?? display(text);
});
