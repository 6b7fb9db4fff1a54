// Where in the user's code an op was called.
import { dirname } from "node:path";

const tensorRoom = dirname(__dirname);
const inside = (line: string) => line.includes(tensorRoom) || line.includes("@tensorflow") || line.includes("node:");

/** The place of the first call on an error's stack that is neither TensorFlow.js's nor this room's: `file:line:column`. */
export function placeOf(trace: Error): string {
  const lines = (trace.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const line = lines.find((one) => !inside(one)) ?? lines[0] ?? "";
  return /\(?([^()\s]+:\d+:\d+)\)?\s*$/.exec(line)?.[1] ?? "an unknown place";
}
