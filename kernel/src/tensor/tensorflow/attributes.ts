// Attributes of an op, as TensorFlow.js's kernels give them, set on an op that is run or on one that is recorded.
import { AttributeType, type CApi, type Pointer } from "./capi";

/** One attribute: `type` is one of {@link AttributeType}. */
export interface Attribute {
  name: string;
  type: number;
  value: boolean | number | object | string | number[];
}

/** The functions of C that set each kind of attribute. */
interface Setters {
  type(op: Pointer, name: string, value: number): void;
  bool(op: Pointer, name: string, value: number): void;
  int(op: Pointer, name: string, value: number): void;
  float(op: Pointer, name: string, value: number): void;
  string(op: Pointer, name: string, value: string, size: number): void;
  shape(op: Pointer, name: string, shape: readonly number[], rank: number): void;
  intList(op: Pointer, name: string, values: readonly number[], count: number): void;
  floatList(op: Pointer, name: string, values: readonly number[], count: number): void;
  boolList(op: Pointer, name: string, values: Uint8Array, count: number): void;
}

/** For ops begun with `TFE_NewOp`, to be run. */
export const eagerSetters = (c: CApi, status: Pointer): Setters => ({
  type: c.TFE_OpSetAttrType,
  bool: c.TFE_OpSetAttrBool,
  int: c.TFE_OpSetAttrInt,
  float: c.TFE_OpSetAttrFloat,
  string: c.TFE_OpSetAttrString,
  shape: (op, name, shape, rank) => c.TFE_OpSetAttrShape(op, name, shape, rank, status),
  intList: c.TFE_OpSetAttrIntList,
  floatList: c.TFE_OpSetAttrFloatList,
  boolList: c.TFE_OpSetAttrBoolList,
});

/** For ops begun with `TF_NewOperation`, to stand in a graph. */
export const graphSetters = (c: CApi): Setters => ({
  type: c.TF_SetAttrType,
  bool: c.TF_SetAttrBool,
  int: c.TF_SetAttrInt,
  float: c.TF_SetAttrFloat,
  string: c.TF_SetAttrString,
  shape: c.TF_SetAttrShape,
  intList: c.TF_SetAttrIntList,
  floatList: c.TF_SetAttrFloatList,
  boolList: c.TF_SetAttrBoolList,
});

/**
 * Sets an attribute of an op that was begun.
 *
 * @throws TypeError if its value is not what its type says.
 */
export function setAttribute(set: Setters, op: Pointer, { name, type, value }: Attribute): void {
  try {
    if (type === AttributeType.type) set.type(op, name, value as number);
    else if (type === AttributeType.string) set.string(op, name, value as string, Buffer.byteLength(value as string));
    else if (type === AttributeType.shape) set.shape(op, name, value as number[], (value as number[]).length);
    else if (Array.isArray(value)) setList(value);
    else if (type === AttributeType.bool) set.bool(op, name, value ? 1 : 0);
    else if (type === AttributeType.int) set.int(op, name, value as number);
    else if (type === AttributeType.float) set.float(op, name, value as number);
    else refuse();
  } catch (error) {
    throw new TypeError(`Cannot set the attribute ${name} of an op to ${value}: ${(error as Error).message}`);
  }

  function setList(values: number[]): void {
    if (type === AttributeType.bool) set.boolList(op, name, Uint8Array.from(values), values.length);
    else if (type === AttributeType.int) set.intList(op, name, values, values.length);
    else if (type === AttributeType.float) set.floatList(op, name, values, values.length);
    else refuse();
  }

  function refuse(): never {
    throw new TypeError(`its type must be one of TF_ATTR_*, got ${type}`);
  }
}
