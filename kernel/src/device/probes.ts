// All sources that there are.
import type { Probe } from "./probe";
import { ProcessProbe } from "./process";

export function probes(): Probe[] {
  return [new ProcessProbe()];
}
