// How a value is shown: by its own word, else as text that stays short and comes soon however large the value is.
import { inspect } from "node:util";
import type { Bundle, MimeBundle } from "./protocol";
import { isTable, tableText } from "./table";

const displaySymbol = Symbol.for("Jupyter.display");
const mostCharacters = 20_000;
/** The most objects that are looked at. */
const mostNodes = 5_000;
const mostDepth = 4;
/** The most elements of a collection that are shown. */
const mostElements = 100;

/** The MIME bundle of `value`. */
export async function bundle(value: unknown): Promise<Bundle> {
  const own = ownDisplay(value);
  if (own) return { data: plain((await own()) ?? {}), metadata: {} };
  return { data: { "text/plain": isTable(value) ? tableText(value) : text(value) }, metadata: {} };
}

/** `value` as JSON would carry it: typed arrays, dates, `toJSON` and all. */
export function plain<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

/** Like `util.inspect`, within bounds. */
export function text(value: unknown): string {
  const options = { maxArrayLength: mostElements, maxStringLength: mostCharacters, breakLength: 100 };
  const { shown, left } = withFewerKeys(value);
  const whole = inspect(shown, { ...options, depth: affordableDepth(shown) });
  const cut = whole.length > mostCharacters ? `${whole.slice(0, mostCharacters)} ...` : whole;
  return left > 0 ? `${cut}\n... and ${left} more properties` : cut;
}

function ownDisplay(value: unknown): (() => MimeBundle | Promise<MimeBundle>) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as Record<symbol, unknown>)[displaySymbol];
  return typeof method === "function" ? () => method.call(value) : undefined;
}

/** `util.inspect` bounds everything but the number of properties: of a plain object with very many, the first ones. */
function withFewerKeys(value: unknown): { shown: unknown; left: number } {
  if (!isPlain(value)) return { shown: value, left: 0 };
  const keys = Object.keys(value);
  if (keys.length <= mostElements * 10) return { shown: value, left: 0 };
  const first = keys.slice(0, mostElements).map((key) => [key, value[key]]);
  return { shown: Object.fromEntries(first), left: keys.length - mostElements };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]" && !(inspect.custom in (value as object));
}

/** How deep `value` can be shown before it gets to be too many objects. */
function affordableDepth(value: unknown): number {
  let level = [value];
  let nodes = 0;
  for (let depth = 0; depth < mostDepth; depth++) {
    const next: unknown[] = [];
    for (const node of level) {
      for (const child of children(node)) next.push(child);
      if (nodes + next.length > mostNodes) return Math.max(0, depth - 1);
    }
    nodes += next.length;
    level = next;
  }
  return mostDepth;
}

function children(node: unknown): unknown[] {
  if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return [];
  if (Array.isArray(node)) return node.slice(0, mostElements);
  if (node instanceof Map || node instanceof Set) return first(node.values(), mostElements);
  // Descriptors, so that no getter runs.
  return Object.values(Object.getOwnPropertyDescriptors(node)).map(({ value }) => value);
}

function first<T>(values: Iterator<T>, most: number): T[] {
  const taken: T[] = [];
  for (let next = values.next(); !next.done && taken.length < most; next = values.next()) taken.push(next.value);
  return taken;
}
