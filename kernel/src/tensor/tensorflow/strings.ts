// Tensors of strings. TensorFlow keeps up to 22 bytes of each in the tensor itself and longer ones on the heap.
import { type CApi, DataType, type Pointer } from "./capi";
import { type Context, check } from "./context";

const bytesPerString = 24; // sizeof(TF_TString)

/**
 * Makes a handle on a new tensor of strings, each a row of bytes. The caller deletes it.
 *
 * A tensor that is made by hand never frees the heap's part of its strings. So an op copies them into a tensor of
 * TensorFlow's own, which does, and ours are freed here.
 */
export function writeStrings(c: CApi, context: Context, shape: readonly number[], strings: Uint8Array[]): Pointer {
  const { status } = context;
  const tensor = c.TF_AllocateTensor(DataType.string, shape, shape.length, strings.length * bytesPerString);
  const places = placesOf(c, tensor, strings.length);
  for (const [i, place] of places.entries()) {
    c.TF_StringInit(place);
    c.TF_StringCopy(place, strings[i], strings[i].length);
  }
  let byHand: Pointer = null;
  try {
    byHand = c.TFE_NewTensorHandle(tensor, status);
    check(c, status, `make a tensor of shape [${shape}]`);
    return copied(c, context, byHand);
  } finally {
    for (const place of places) c.TF_StringDealloc(place);
    if (byHand !== null) c.TFE_DeleteTensorHandle(byHand);
    c.TF_DeleteTensor(tensor);
  }
}

/** The strings of a tensor, copied. */
export function readStrings(c: CApi, tensor: Pointer): Uint8Array[] {
  return placesOf(c, tensor, c.TF_TensorByteSize(tensor) / bytesPerString).map((place) => {
    const bytes = new Uint8Array(c.TF_StringGetSize(place));
    if (bytes.length > 0) c.memcpy(bytes, c.TF_StringGetDataPointer(place), bytes.length);
    return bytes;
  });
}

/** Each string joined with nothing else. */
function copied(c: CApi, { pointer, status }: Context, strings: Pointer): Pointer {
  const op = c.TFE_NewOp(pointer, "StringJoin", status);
  try {
    c.TFE_OpAddInput(op, strings, status);
    c.TFE_OpSetAttrInt(op, "N", 1);
    const output = new BigUint64Array(1);
    c.TFE_Execute(op, output, Int32Array.of(1), status);
    check(c, status, "copy a tensor of strings");
    return output[0];
  } finally {
    c.TFE_DeleteOp(op);
  }
}

function placesOf(c: CApi, tensor: Pointer, count: number): bigint[] {
  const data = count > 0 ? c.TF_TensorData(tensor)! : 0n;
  return Array.from({ length: count }, (_, i) => data + BigInt(i * bytesPerString));
}
