/** Sizes and options by name, as a file's metadata has them: text, of which numbers, lists and objects are JSON. */
export class Settings {
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(metadata: Readonly<Record<string, unknown>>) {
    this.values = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, parsed(value)]));
  }

  /** A number. @throws RangeError if there is none */
  number(name: string): number {
    const number = this.optionalNumber(name);
    if (number === undefined) throw fault(name, "a number", undefined);
    return number;
  }

  /** A number, or a list of one, if there is any. @throws RangeError if it is something else */
  optionalNumber(name: string): number | undefined {
    const value = this.values[name];
    const number = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (number !== undefined && typeof number !== "number") throw fault(name, "a number", value);
    return number;
  }

  /** One of these names. @throws RangeError if it is another */
  oneOf<N extends string>(name: string, allowed: readonly N[], otherwise?: N): N {
    const value = (this.values[name] ?? otherwise) as N;
    if (!allowed.includes(value)) throw fault(name, `one of ${allowed.join(", ")}`, value);
    return value;
  }

  says(name: string, value: boolean): boolean {
    return this.values[name] === value;
  }

  /** These settings, and over them those that the object under `name` holds. */
  with(name: string): Settings {
    return new Settings({ ...this.values, ...(this.values[name] as object | undefined) });
  }
}

function fault(name: string, rule: string, value: unknown): RangeError {
  const seen = value === undefined ? "is not there" : `is ${JSON.stringify(value)}`;
  return new RangeError(`"${name}" of its metadata must be ${rule}, but ${seen}`);
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
