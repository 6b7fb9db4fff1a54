// TensorFlow's C API (tensorflow/c/c_api.h, tensorflow/c/eager/c_api.h) as typed functions, by koffi: no compiler needed.
import { tellOfCuda } from "./cuda";
import { type GraphApi, graphPrototypes, outputStruct } from "./graphApi";
import type { TensorFlowLibraries } from "./locate";
import { type Library, openQuietly } from "./quiet";
import { orderForMemory } from "./schedule";
import { type SessionApi, sessionPrototypes } from "./sessionApi";
import { blockSignals } from "./signals";

/** An address in the process's memory; `null` is C's null pointer. */
export type Pointer = bigint | null;

/** `TF_DataType`: the element types that TensorFlow.js knows, and those that TensorFlow's ops hand it. */
export const DataType = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  resource: 20,
  uint32: 22,
};

/** `TF_AttrType`: how the value of an op's attribute is to be read. */
export const AttributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, resource: 9 };

/** The functions of the C API that we call, under their own names. Buffers and arrays are passed for pointers to data. */
export interface CApi extends GraphApi, SessionApi {
  TF_Version(): string;
  TF_NewStatus(): Pointer;
  TF_GetCode(status: Pointer): number;
  TF_Message(status: Pointer): string;
  TF_AllocateTensor(dtype: number, shape: readonly number[], rank: number, bytes: number): Pointer;
  TF_DeleteTensor(tensor: Pointer): void;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number;
  TF_StringInit(string: Pointer): void;
  TF_StringCopy(string: Pointer, bytes: Uint8Array, size: number): void;
  TF_StringGetDataPointer(string: Pointer): Pointer;
  TF_StringGetSize(string: Pointer): number;
  TF_StringDealloc(string: Pointer): void;
  TF_DeviceListCount(list: Pointer): number;
  TF_DeviceListName(list: Pointer, index: number, status: Pointer): string;
  TF_DeviceListType(list: Pointer, index: number, status: Pointer): string;
  TF_DeleteDeviceList(list: Pointer): void;
  TFE_NewContextOptions(): Pointer;
  TFE_ContextOptionsSetConfig(options: Pointer, proto: Uint8Array, size: number, status: Pointer): void;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_ContextListDevices(context: Pointer, status: Pointer): Pointer;
  TFE_DeleteContext(context: Pointer): void;
  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;
  TFE_TensorHandleCopyToDevice(handle: Pointer, context: Pointer, device: string, status: Pointer): Pointer;
  TFE_TensorHandleDataType(handle: Pointer): number;
  TFE_TensorHandleNumDims(handle: Pointer, status: Pointer): number;
  TFE_TensorHandleDim(handle: Pointer, axis: number, status: Pointer): number;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrInt(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrFloat(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrString(op: Pointer, name: string, value: string, size: number): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, shape: readonly number[], rank: number, status: Pointer): void;
  TFE_OpSetAttrIntList(op: Pointer, name: string, values: readonly number[], count: number): void;
  TFE_OpSetAttrFloatList(op: Pointer, name: string, values: readonly number[], count: number): void;
  TFE_OpSetAttrBoolList(op: Pointer, name: string, values: Uint8Array, count: number): void;
  TFE_Execute(op: Pointer, outputs: BigUint64Array, count: Int32Array, status: Pointer): void;
  /** C's memcpy: between a typed array and TensorFlow's memory, in either direction. */
  memcpy(to: Pointer | ArrayBufferView, from: Pointer | ArrayBufferView, bytes: number): void;
}

const prototypes: Record<Exclude<keyof CApi, "memcpy">, string> = {
  ...graphPrototypes,
  ...sessionPrototypes,
  TF_Version: "const char* TF_Version()",
  TF_NewStatus: "void* TF_NewStatus()",
  TF_GetCode: "int TF_GetCode(void*)",
  TF_Message: "const char* TF_Message(void*)",
  TF_AllocateTensor: "void* TF_AllocateTensor(int, int64_t*, int, size_t)",
  TF_DeleteTensor: "void TF_DeleteTensor(void*)",
  TF_TensorData: "void* TF_TensorData(void*)",
  TF_TensorByteSize: "size_t TF_TensorByteSize(void*)",
  TF_StringInit: "void TF_StringInit(void*)",
  TF_StringCopy: "void TF_StringCopy(void*, void*, size_t)",
  TF_StringGetDataPointer: "void* TF_StringGetDataPointer(void*)",
  TF_StringGetSize: "size_t TF_StringGetSize(void*)",
  TF_StringDealloc: "void TF_StringDealloc(void*)",
  TF_DeviceListCount: "int TF_DeviceListCount(void*)",
  TF_DeviceListName: "const char* TF_DeviceListName(void*, int, void*)",
  TF_DeviceListType: "const char* TF_DeviceListType(void*, int, void*)",
  TF_DeleteDeviceList: "void TF_DeleteDeviceList(void*)",
  TFE_NewContextOptions: "void* TFE_NewContextOptions()",
  TFE_ContextOptionsSetConfig: "void TFE_ContextOptionsSetConfig(void*, void*, size_t, void*)",
  TFE_DeleteContextOptions: "void TFE_DeleteContextOptions(void*)",
  TFE_NewContext: "void* TFE_NewContext(void*, void*)",
  TFE_ContextListDevices: "void* TFE_ContextListDevices(void*, void*)",
  TFE_DeleteContext: "void TFE_DeleteContext(void*)",
  TFE_NewTensorHandle: "void* TFE_NewTensorHandle(void*, void*)",
  TFE_DeleteTensorHandle: "void TFE_DeleteTensorHandle(void*)",
  TFE_TensorHandleCopyToDevice: "void* TFE_TensorHandleCopyToDevice(void*, void*, const char*, void*)",
  TFE_TensorHandleDataType: "int TFE_TensorHandleDataType(void*)",
  TFE_TensorHandleNumDims: "int TFE_TensorHandleNumDims(void*, void*)",
  TFE_TensorHandleDim: "int64_t TFE_TensorHandleDim(void*, int, void*)",
  TFE_TensorHandleResolve: "void* TFE_TensorHandleResolve(void*, void*)",
  TFE_NewOp: "void* TFE_NewOp(void*, const char*, void*)",
  TFE_DeleteOp: "void TFE_DeleteOp(void*)",
  TFE_OpAddInput: "void TFE_OpAddInput(void*, void*, void*)",
  TFE_OpSetAttrType: "void TFE_OpSetAttrType(void*, const char*, int)",
  TFE_OpSetAttrBool: "void TFE_OpSetAttrBool(void*, const char*, uint8_t)",
  TFE_OpSetAttrInt: "void TFE_OpSetAttrInt(void*, const char*, int64_t)",
  TFE_OpSetAttrFloat: "void TFE_OpSetAttrFloat(void*, const char*, float)",
  TFE_OpSetAttrString: "void TFE_OpSetAttrString(void*, const char*, const char*, size_t)",
  TFE_OpSetAttrShape: "void TFE_OpSetAttrShape(void*, const char*, int64_t*, int, void*)",
  TFE_OpSetAttrIntList: "void TFE_OpSetAttrIntList(void*, const char*, int64_t*, int)",
  TFE_OpSetAttrFloatList: "void TFE_OpSetAttrFloatList(void*, const char*, float*, int)",
  TFE_OpSetAttrBoolList: "void TFE_OpSetAttrBoolList(void*, const char*, void*, int)",
  TFE_Execute: "void TFE_Execute(void*, void*, void*, void*)",
};

const RTLD_NOW = 2;
const RTLD_NODELETE = process.platform === "darwin" ? 0x80 : 0x1000;

/**
 * Opens libtensorflow.
 *
 * @throws Error with the loader's own words if a library cannot be opened or lacks a function.
 */
export async function openCApi({ framework, main }: TensorFlowLibraries): Promise<CApi> {
  const { default: koffi } = await import("koffi");
  declareOutput();
  const libc = koffi.load(null);
  tellOfCuda(libc, main);
  blockSignals(libc);
  const dlopen = libc.func("void* dlopen(const char*, int)");
  const open = (path: string): Library => {
    // koffi unloads what it loaded when the process ends, and TensorFlow's exit handlers would then run unmapped code.
    // Opened once by us with RTLD_NODELETE, the libraries stay.
    dlopen(path, RTLD_NOW | RTLD_NODELETE);
    try {
      return koffi.load(path);
    } catch (error) {
      throw new Error(`Cannot load ${path}: ${(error as Error).message}`, { cause: error });
    }
  };
  const opened = openQuietly(libc, () => open(framework));
  const libraries = [open(main), opened];
  orderForMemory(libc, libraries[0]);
  const functions = Object.entries(prototypes).map(([name, prototype]) => [name, declare(libraries, name, prototype)]);
  return { ...Object.fromEntries(functions), memcpy: libc.func("void memcpy(void*, void*, size_t)") } as CApi;

  function declareOutput(): void {
    try {
      koffi.struct("TF_Output", outputStruct);
    } catch {
      // declared before: the library is being opened again
    }
  }
}

function declare(libraries: Library[], name: string, prototype: string): unknown {
  let reason: unknown;
  for (const library of libraries) {
    try {
      return library.func(prototype);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`Cannot use libtensorflow: it must export ${name} (TensorFlow 2.15 or later does)`, {
    cause: reason,
  });
}
