// How much memory JavaScript may take in the executor.
import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";

/** Node's options for the heap's sizes, unless the user has said: the young one small, which saves 18 MiB of an idle kernel's memory. */
export function heapOptions(): string[] {
  const options = { "--max-old-space-size": heapMebibytes(), "--max-semi-space-size": 8 };
  const users = process.env.NODE_OPTIONS ?? "";
  return Object.entries(options).flatMap(([name, value]) => (users.includes(name) ? [] : [`${name}=${value}`]));
}

/** Half of the memory there is, which leaves the other half to tensors, and at least 2 GiB. */
function heapMebibytes(): number {
  const limit = constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.max(2048, Math.floor(Math.min(totalmem(), limit) / 2 ** 21));
}
