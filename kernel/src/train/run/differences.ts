/** A place where two plain values differ, and what each has there, as JSON. */
export interface Difference {
  /** `optimizer.learningRate`. */
  readonly path: string;
  readonly there: string;
  readonly here: string;
}

/** Every place where two values that JSON can hold differ. */
export function differences(there: unknown, here: unknown, path = ""): Difference[] {
  if (isObject(there) && isObject(here)) {
    const names = new Set([...Object.keys(there), ...Object.keys(here)]);
    return [...names].flatMap((name) => differences(there[name], here[name], path ? `${path}.${name}` : name));
  }
  const [a, b] = [shown(there), shown(here)];
  return a === b ? [] : [{ path, there: a, here: b }];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing";
