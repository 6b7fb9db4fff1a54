// The part of TensorFlow's C API that makes functions out of ops that are described, not run (tensorflow/c/c_api.h).
import type { Pointer } from "./capi";

/** `TF_Output`: one of the tensors that an operation of a graph gives. */
export interface Output {
  readonly oper: Pointer;
  readonly index: number;
}

/** What {@link Output} looks like to C. */
export const outputStruct = { oper: "void*", index: "int" };

/** The functions for graphs, under their own names. Lists of outputs are given as the memory of an array of structs. */
export interface GraphApi {
  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_FinishOperation(description: Pointer, status: Pointer): Pointer;
  TF_AddInput(description: Pointer, input: Output): void;
  TF_AddInputList(description: Pointer, inputs: BigInt64Array, count: number): void;
  TF_SetAttrType(description: Pointer, name: string, value: number): void;
  TF_SetAttrBool(description: Pointer, name: string, value: number): void;
  TF_SetAttrInt(description: Pointer, name: string, value: number): void;
  TF_SetAttrFloat(description: Pointer, name: string, value: number): void;
  TF_SetAttrString(description: Pointer, name: string, value: string, size: number): void;
  TF_SetAttrShape(description: Pointer, name: string, shape: readonly number[], rank: number): void;
  TF_SetAttrIntList(description: Pointer, name: string, values: readonly number[], count: number): void;
  TF_SetAttrFloatList(description: Pointer, name: string, values: readonly number[], count: number): void;
  TF_SetAttrBoolList(description: Pointer, name: string, values: Uint8Array, count: number): void;
  TF_SetAttrTensor(description: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_OperationOutputType(output: Output): number;
  TF_GraphGetTensorNumDims(graph: Pointer, output: Output, status: Pointer): number;
  TF_GraphGetTensorShape(graph: Pointer, output: Output, shape: BigInt64Array, rank: number, status: Pointer): void;
  TF_GraphToFunction(
    graph: Pointer,
    name: string,
    hashName: number,
    operations: number,
    operationList: Pointer,
    inputCount: number,
    inputs: BigInt64Array,
    outputCount: number,
    outputs: BigInt64Array,
    outputNames: Pointer,
    options: Pointer,
    description: Pointer,
    status: Pointer,
  ): Pointer;
  TF_FunctionSetAttrValueProto(func: Pointer, name: string, proto: Uint8Array, size: number, status: Pointer): void;
  TF_DeleteFunction(func: Pointer): void;
  TFE_ContextAddFunction(context: Pointer, func: Pointer, status: Pointer): void;
  TFE_ContextRemoveFunction(context: Pointer, name: string, status: Pointer): void;
  TFE_TensorHandleCopySharingTensor(handle: Pointer, status: Pointer): Pointer;
}

export const graphPrototypes: Record<keyof GraphApi, string> = {
  TF_NewGraph: "void* TF_NewGraph()",
  TF_DeleteGraph: "void TF_DeleteGraph(void*)",
  TF_NewOperation: "void* TF_NewOperation(void*, const char*, const char*)",
  TF_FinishOperation: "void* TF_FinishOperation(void*, void*)",
  TF_AddInput: "void TF_AddInput(void*, TF_Output)",
  TF_AddInputList: "void TF_AddInputList(void*, void*, int)",
  TF_SetAttrType: "void TF_SetAttrType(void*, const char*, int)",
  TF_SetAttrBool: "void TF_SetAttrBool(void*, const char*, uint8_t)",
  TF_SetAttrInt: "void TF_SetAttrInt(void*, const char*, int64_t)",
  TF_SetAttrFloat: "void TF_SetAttrFloat(void*, const char*, float)",
  TF_SetAttrString: "void TF_SetAttrString(void*, const char*, const char*, size_t)",
  TF_SetAttrShape: "void TF_SetAttrShape(void*, const char*, int64_t*, int)",
  TF_SetAttrIntList: "void TF_SetAttrIntList(void*, const char*, int64_t*, int)",
  TF_SetAttrFloatList: "void TF_SetAttrFloatList(void*, const char*, float*, int)",
  TF_SetAttrBoolList: "void TF_SetAttrBoolList(void*, const char*, void*, int)",
  TF_SetAttrTensor: "void TF_SetAttrTensor(void*, const char*, void*, void*)",
  TF_OperationOutputType: "int TF_OperationOutputType(TF_Output)",
  TF_GraphGetTensorNumDims: "int TF_GraphGetTensorNumDims(void*, TF_Output, void*)",
  TF_GraphGetTensorShape: "void TF_GraphGetTensorShape(void*, TF_Output, void*, int, void*)",
  TF_GraphToFunction:
    "void* TF_GraphToFunction(void*, const char*, uint8_t, int, void*, int, void*, int, void*, void*, void*, const char*, void*)",
  TF_FunctionSetAttrValueProto: "void TF_FunctionSetAttrValueProto(void*, const char*, const void*, size_t, void*)",
  TF_DeleteFunction: "void TF_DeleteFunction(void*)",
  TFE_ContextAddFunction: "void TFE_ContextAddFunction(void*, void*, void*)",
  TFE_ContextRemoveFunction: "void TFE_ContextRemoveFunction(void*, const char*, void*)",
  TFE_TensorHandleCopySharingTensor: "void* TFE_TensorHandleCopySharingTensor(void*, void*)",
};
