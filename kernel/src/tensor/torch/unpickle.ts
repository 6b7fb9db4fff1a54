// A reader of Python's pickles that makes data and nothing else. A pickle is a program for a small stack machine, and
// Python's own reader lets it call any function there is; this one knows numbers, text and plain containers, and of
// all functions only those that `known` holds, which are ours.
//
// Nothing here recurses, each instruction does work in proportion to its own bytes, and what is made is counted: a
// pickle costs no more than its length.
//
// Source: the protocol as Python's pickletools documents it, versions 2 to 5.
import { PickleBytes } from "./pickleBytes";

/** Something of Python's that a pickle may name, as what stands for it here. */
export type Known = ReadonlyMap<string, unknown>;

/** A function that a pickle may call. */
export type Callable = (args: readonly unknown[], limits: Limits) => unknown;

/** What unpickling may still make. */
export interface Limits {
  /** Counts what is about to be made. @throws Error if that is more than a state dict can hold */
  spend(amount: number): void;
}

const mostObjects = 1_000_000;

/**
 * What a pickle describes. A dict becomes a Map, a set a Set, a list an array, a tuple a frozen array, None null.
 *
 * @param known What the pickle may name, by `module.name`; all else is refused.
 * @param persistent What its persistent ids stand for.
 * @throws Error that says which rule the pickle breaks; the caller names the file.
 */
export function unpickle(pickle: Uint8Array, known: Known, persistent: (id: unknown) => unknown): unknown {
  const bytes = new PickleBytes(pickle);
  const [first, version] = [bytes.unsigned(1), bytes.unsigned(1)];
  if (first !== protocol || version < 2 || version > 5) {
    throw new Error(`its pickle must be of protocol 2 to 5, got one that begins with bytes ${first} and ${version}`);
  }
  const machine = new Machine(known, persistent);
  for (;;) {
    const code = bytes.unsigned(1);
    if (code === stop) return machine.pop();
    const instruction = instructions.get(code);
    if (!instruction) {
      throw new Error(
        `its pickle must be of numbers, text, containers and tensors, got the instruction ${describe(code)} at byte ${bytes.at - 1}`,
      );
    }
    instruction(machine, bytes);
  }
}

const protocol = 0x80;
const stop = ".".charCodeAt(0);
const describe = (code: number): string =>
  code > 32 && code < 127 ? `"${String.fromCharCode(code)}"` : `0x${code.toString(16).padStart(2, "0")}`;

class Machine implements Limits {
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, unknown>();
  private made = 0;

  constructor(
    private readonly known: Known,
    readonly persistent: (id: unknown) => unknown,
  ) {}

  spend(amount: number): void {
    this.made += amount;
    if (this.made > mostObjects) throw new Error(`its pickle must make at most ${mostObjects} objects`);
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  /** Takes the topmost value, which must lie above the last mark. */
  pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw new Error("its pickle takes more values than it makes");
    return this.stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Takes all values above the last mark, and the mark. */
  popMark(): unknown[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw new Error("its pickle takes more marks than it makes");
    return this.stack.splice(mark);
  }

  memoize(index = this.memo.size): void {
    this.spend(1);
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw new Error(`its pickle recalls what it has not made, number ${index}`);
    this.push(this.memo.get(index));
  }

  /** Pushes a container or something else that takes memory. */
  make(value: unknown): void {
    this.spend(1);
    this.push(value);
  }

  /** Pushes what stands for something of Python's; the one door to anything but data. */
  name(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") throw new Error("its pickle names what is no text");
    const full = `${module}.${name}`;
    const found = this.known.get(full);
    if (found === undefined) {
      const shown = full.length > 80 ? `${full.slice(0, 80)}...` : full;
      throw new Error(
        `its pickle asks Python for ${JSON.stringify(shown)}, which is refused: a checkpoint is data and may not run code; ` +
          "from a source that you trust, save its state dict alone, torch.save(model.state_dict(), path)",
      );
    }
    this.push(found);
  }

  call(): void {
    const args = this.pop();
    const callable = this.pop();
    if (typeof callable !== "function" || !isTuple(args)) {
      throw new Error("its pickle calls what is no function, or without a tuple of arguments");
    }
    this.make((callable as Callable)(args, this));
  }
}

const isTuple = (value: unknown): value is readonly unknown[] => Array.isArray(value) && Object.isFrozen(value);
const tuple = (values: unknown[]): readonly unknown[] => Object.freeze(values);

function append(values: readonly unknown[], list: unknown): void {
  if (!Array.isArray(list) || Object.isFrozen(list)) throw new Error("its pickle appends to what is no list");
  for (const value of values) list.push(value);
}

function add(values: readonly unknown[], set: unknown): void {
  if (!(set instanceof Set)) throw new Error("its pickle adds to what is no set");
  for (const value of values) set.add(value);
}

function insert(pairs: readonly unknown[], map: unknown): void {
  if (!(map instanceof Map) || pairs.length % 2 !== 0) throw new Error("its pickle sets items of what is no dict");
  for (let i = 0; i < pairs.length; i += 2) {
    const key = pairs[i];
    const hashable = key === null || typeof key !== "object" || isTuple(key);
    if (!hashable) throw new Error("its pickle has a dict whose key is no number, text or tuple");
    map.set(key, pairs[i + 1]);
  }
}

/** Attributes of an OrderedDict, such as a state dict's _metadata: nothing that a tensor needs. */
function skipAttributes(_attributes: unknown, target: unknown): void {
  if (!(target instanceof Map)) throw new Error("its pickle sets attributes of what is no OrderedDict");
}

type Instruction = (machine: Machine, bytes: PickleBytes) => void;

/** All that a pickle can say here, by the code of the instruction. */
const instructions = new Map<number, Instruction>([
  [0x95, (_, bytes) => bytes.skipFrame()],

  [code("N"), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [code("J"), (m, bytes) => m.push(bytes.signed32())],
  [code("K"), (m, bytes) => m.push(bytes.unsigned(1))],
  [code("M"), (m, bytes) => m.push(bytes.unsigned(2))],
  [0x8a, (m, bytes) => m.push(bytes.long(bytes.unsigned(1)))],
  [0x8b, (m, bytes) => m.push(bytes.long(bytes.unsigned(4)))],
  [code("G"), (m, bytes) => m.push(bytes.float())],
  [0x8c, (m, bytes) => m.push(bytes.text(bytes.unsigned(1)))],
  [code("X"), (m, bytes) => m.push(bytes.text(bytes.unsigned(4)))],
  [0x8d, (m, bytes) => m.push(bytes.text(bytes.unsigned(8)))],
  [code("C"), (m, bytes) => m.make(bytes.take(bytes.unsigned(1)))],
  [code("B"), (m, bytes) => m.make(bytes.take(bytes.unsigned(4)))],
  [0x8e, (m, bytes) => m.make(bytes.take(bytes.unsigned(8)))],

  [code("("), (m) => m.mark()],
  [code("0"), (m) => void m.pop()],
  [code("1"), (m) => void m.popMark()],
  [code("2"), (m) => m.push(m.top())],
  [code("q"), (m, bytes) => m.memoize(bytes.unsigned(1))],
  [code("r"), (m, bytes) => m.memoize(bytes.unsigned(4))],
  [0x94, (m) => m.memoize()],
  [code("h"), (m, bytes) => m.recall(bytes.unsigned(1))],
  [code("j"), (m, bytes) => m.recall(bytes.unsigned(4))],

  [code(")"), (m) => m.make(tuple([]))],
  [code("t"), (m) => m.make(tuple(m.popMark()))],
  [0x85, (m) => m.make(tuple([m.pop()]))],
  [0x86, (m) => m.make(tuple([m.pop(), m.pop()].reverse()))],
  [0x87, (m) => m.make(tuple([m.pop(), m.pop(), m.pop()].reverse()))],
  [code("]"), (m) => m.make([])],
  [code("a"), (m) => append([m.pop()], m.top())],
  [code("e"), (m) => append(m.popMark(), m.top())],
  [code("}"), (m) => m.make(new Map())],
  [code("s"), (m) => insert([m.pop(), m.pop()].reverse(), m.top())],
  [code("u"), (m) => insert(m.popMark(), m.top())],
  [0x8f, (m) => m.make(new Set())],
  [0x90, (m) => add(m.popMark(), m.top())],
  [0x91, (m) => m.make(new Set(m.popMark()))],

  [code("c"), (m, bytes) => m.name(bytes.line(), bytes.line())],
  [0x93, (m) => m.name(...([m.pop(), m.pop()].reverse() as [unknown, unknown]))],
  [code("R"), (m) => m.call()],
  [code("b"), (m) => skipAttributes(m.pop(), m.top())],
  [code("Q"), (m) => m.make(m.persistent(m.pop()))],
]);

function code(character: string): number {
  return character.charCodeAt(0);
}
