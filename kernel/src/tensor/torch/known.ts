// What a checkpoint of tensors names in Python, and what stands for it here. This list is all there is: none of it
// runs anything of the file's.
import type { Entry } from "./archive";
import { StoredTensor } from "./storedTensor";
import type { Callable, Known } from "./unpickle";

/** The values of one or several tensors, as they lie in the file. */
export interface Storage {
  readonly entry: Entry;
  /** Type of the values, as safetensors calls it; of a storage without a type, unknown. */
  readonly dtype?: string;
}

class StorageType {
  constructor(readonly dtype?: string) {}
}

class Dtype {
  constructor(readonly name: string) {}
}

/** Types of storages and of values, by the names that safetensors has for them. */
const types: [dtype: string, value: string, storage?: string][] = [
  ["F64", "float64", "DoubleStorage"],
  ["F32", "float32", "FloatStorage"],
  ["F16", "float16", "HalfStorage"],
  ["BF16", "bfloat16", "BFloat16Storage"],
  ["I64", "int64", "LongStorage"],
  ["I32", "int32", "IntStorage"],
  ["I16", "int16", "ShortStorage"],
  ["I8", "int8", "CharStorage"],
  ["U8", "uint8", "ByteStorage"],
  ["BOOL", "bool", "BoolStorage"],
  ["C64", "complex64", "ComplexFloatStorage"],
  ["C128", "complex128", "ComplexDoubleStorage"],
  ["U16", "uint16"],
  ["U32", "uint32"],
  ["U64", "uint64"],
  ["F8_E4M3", "float8_e4m3fn"],
  ["F8_E5M2", "float8_e5m2"],
];

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata). */
const tensor: Callable = ([storage, offset, shape, stride]) => stored(storage, offset, shape, stride);

/** _rebuild_tensor_v3 has the type of the values behind the hooks, for storages that have none. */
const typedTensor: Callable = ([storage, offset, shape, stride, , , dtype]) =>
  stored(storage, offset, shape, stride, dtype instanceof Dtype ? dtype.name : undefined);

/** _rebuild_parameter(tensor, requires_grad, backward_hooks): the tensor. */
const parameter: Callable = ([value]) => {
  if (value instanceof StoredTensor) return value;
  throw new Error("its pickle makes a parameter of what is no tensor");
};

function stored(storage: unknown, offset: unknown, shape: unknown, stride: unknown, dtype?: string): StoredTensor {
  if (!isStorage(storage)) throw new Error("its pickle makes a tensor of what is no storage");
  return new StoredTensor(storage.entry, dtype ?? storage.dtype ?? "U8", offset, shape, stride);
}

const isStorage = (value: unknown): value is Storage => typeof value === "object" && value !== null && "entry" in value;

const dictionary: Callable = (args) => {
  if (args.length === 0) return new Map();
  throw new Error("its pickle makes an OrderedDict in a way of its own: it must begin empty");
};

const set: Callable = ([items = []], limits) => {
  if (!Array.isArray(items)) throw new Error("its pickle makes a set of what is no list");
  limits.spend(items.length);
  return new Set(items);
};

/** torch.Size((3, 5)): the tuple. */
const size: Callable = ([sizes]) => sizes;

/** _codecs.encode(text, "latin1"): how protocol 2 writes bytes. */
const bytes: Callable = ([text, encoding], limits) => {
  if (typeof text !== "string" || encoding !== "latin1") throw new Error("its pickle makes bytes of what is no text");
  limits.spend(text.length);
  return Uint8Array.from(Buffer.from(text, "latin1"));
};

/** All that a checkpoint may name. */
export const known: Known = new Map<string, unknown>([
  ["torch._utils._rebuild_tensor_v2", tensor],
  ["torch._utils._rebuild_tensor_v3", typedTensor],
  ["torch._utils._rebuild_parameter", parameter],
  ["torch._utils._rebuild_parameter_with_state", parameter],
  ["collections.OrderedDict", dictionary],
  ["builtins.set", set],
  ["__builtin__.set", set],
  ["builtins.frozenset", set],
  ["__builtin__.frozenset", set],
  ["_codecs.encode", bytes],
  ["torch.Size", size],
  ["torch.storage.UntypedStorage", new StorageType()],
  ["torch.UntypedStorage", new StorageType()],
  ...types.map(([dtype, value]): [string, unknown] => [`torch.${value}`, new Dtype(dtype)]),
  ...types.flatMap(([dtype, , storage]): [string, unknown][] =>
    storage ? [[`torch.${storage}`, new StorageType(dtype)]] : [],
  ),
]);

/** What the persistent id of a storage stands for: ("storage", type, key, device, how many values). */
export const storages =
  (archive: ReadonlyMap<string, Entry>) =>
  (id: unknown): Storage => {
    const [kind, type, key] = Array.isArray(id) ? id : [];
    if (kind !== "storage" || !(type instanceof StorageType) || typeof key !== "string" || key.length > 80) {
      throw new Error("its pickle's persistent ids must be of storages");
    }
    const entry = archive.get(`data/${key}`);
    if (!entry) throw new Error(`its archive must hold all storages of its tensors, got none named ${key}`);
    return { entry, dtype: type.dtype };
  };
