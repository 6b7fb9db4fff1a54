// The part of TensorFlow's C API that loads and runs SavedModels (tensorflow/c/c_api.h).
import type { Pointer } from "./capi";

/** The functions for sessions, under their own names. Arrays of `TF_Output` are given as memory: address, index. */
export interface SessionApi {
  TF_NewSessionOptions(): Pointer;
  TF_SetConfig(options: Pointer, proto: Uint8Array, size: number, status: Pointer): void;
  TF_DeleteSessionOptions(options: Pointer): void;
  TF_GraphOperationByName(graph: Pointer, name: string): Pointer;
  TF_LoadSessionFromSavedModel(
    options: Pointer,
    runOptions: Pointer,
    directory: string,
    tags: readonly string[],
    tagCount: number,
    graph: Pointer,
    metaGraph: Pointer,
    status: Pointer,
  ): Pointer;
  TF_SessionRun(
    session: Pointer,
    runOptions: Pointer,
    inputs: BigUint64Array,
    inputTensors: BigUint64Array,
    inputCount: number,
    outputs: BigUint64Array,
    outputTensors: BigUint64Array,
    outputCount: number,
    targets: Pointer,
    targetCount: number,
    runMetadata: Pointer,
    status: Pointer,
  ): void;
  TF_DeleteSession(session: Pointer, status: Pointer): void;
}

export const sessionPrototypes: Record<keyof SessionApi, string> = {
  TF_NewSessionOptions: "void* TF_NewSessionOptions()",
  TF_SetConfig: "void TF_SetConfig(void*, void*, size_t, void*)",
  TF_DeleteSessionOptions: "void TF_DeleteSessionOptions(void*)",
  TF_GraphOperationByName: "void* TF_GraphOperationByName(void*, const char*)",
  TF_LoadSessionFromSavedModel:
    "void* TF_LoadSessionFromSavedModel(void*, void*, const char*, const char**, int, void*, void*, void*)",
  TF_SessionRun: "void TF_SessionRun(void*, void*, void*, void*, int, void*, void*, int, void*, int, void*, void*)",
  TF_DeleteSession: "void TF_DeleteSession(void*, void*)",
};
