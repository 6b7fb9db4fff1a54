// Attributes of an op, as TensorFlow.js's kernels give them, set on an eager op.
import { AttributeType, type CApi, type Pointer } from "./capi";

/** One attribute: `type` is one of {@link AttributeType}. */
export interface Attribute {
  name: string;
  type: number;
  value: boolean | number | object | string | number[];
}

/** Sets an attribute of an op that was begun with `TFE_NewOp`. */
export function setAttribute(c: CApi, status: Pointer, op: Pointer, { name, type, value }: Attribute): void {
  if (type === AttributeType.type) c.TFE_OpSetAttrType(op, name, value as number);
  else if (type === AttributeType.string) setString(value as string);
  else if (type === AttributeType.shape) setShape(value as number[]);
  else if (Array.isArray(value)) setList(value);
  else if (type === AttributeType.bool) c.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
  else if (type === AttributeType.int) c.TFE_OpSetAttrInt(op, name, value as number);
  else if (type === AttributeType.float) c.TFE_OpSetAttrFloat(op, name, value as number);
  else refuse();

  function setString(text: string): void {
    c.TFE_OpSetAttrString(op, name, text, Buffer.byteLength(text));
  }

  function setShape(shape: number[]): void {
    c.TFE_OpSetAttrShape(op, name, shape, shape.length, status);
  }

  function setList(values: number[]): void {
    if (type === AttributeType.bool) c.TFE_OpSetAttrBoolList(op, name, Uint8Array.from(values), values.length);
    else if (type === AttributeType.int) c.TFE_OpSetAttrIntList(op, name, values, values.length);
    else if (type === AttributeType.float) c.TFE_OpSetAttrFloatList(op, name, values, values.length);
    else refuse();
  }

  function refuse(): never {
    throw new TypeError(`Cannot set the attribute ${name} of an op: its type must be one of TF_ATTR_*, got ${type}`);
  }
}
