import { StoredTensor } from "./storedTensor";

/** What a checkpoint holds, by dotted names: `encoder.norm.weight`. */
export interface Contents {
  readonly tensors: Map<string, StoredTensor>;
  /** Numbers, text and truth values, as text. */
  readonly metadata: Record<string, string>;
}

const deepest = 16;
const longestName = 1000;

/**
 * Lists the tensors of dicts in dicts; lists and other things beside them are left out.
 * @throws Error where it is no dict, or too deep
 */
export function contentsOf(root: unknown): Contents {
  if (!(root instanceof Map)) throw new Error("its pickle must be a dict of tensors, got something else");
  const tensors = new Map<string, StoredTensor>();
  const metadata = new Map<string, string>();
  const seen = new Set<unknown>(); // a pickle can hold a dict many times, or in itself
  const visit = (dict: Map<unknown, unknown>, prefix: string, depth: number) => {
    if (depth > deepest) throw new Error(`its dicts must lie at most ${deepest} deep in each other`);
    seen.add(dict);
    for (const [key, value] of dict) {
      if (typeof key !== "string" && typeof key !== "number") continue;
      const name = `${prefix}${key}`;
      if (name.length > longestName) throw new Error(`its names must have at most ${longestName} characters`);
      if (value instanceof StoredTensor) {
        if (tensors.has(name)) throw new Error(`its tensors must have names of their own, got two ${name}`);
        tensors.set(name, value);
      } else if (value instanceof Map) {
        if (!seen.has(value)) visit(value, `${name}.`, depth + 1);
      } else if (/^(string|number|bigint|boolean)$/.test(typeof value)) {
        metadata.set(name, String(value));
      }
    }
  };
  visit(root, "", 1);
  return { tensors, metadata: Object.fromEntries(metadata) };
}
