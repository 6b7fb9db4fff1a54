// Open MPI's functions (MPI 3.1) by koffi: no compiler needed.
import { promisify } from "node:util";

/** What is behind a handle of MPI. */
type Handle = bigint;

/** The functions that we call, without their prefix `MPI_`. What waits for other processes does so on another thread. */
export interface OpenMpi {
  Init_thread(argc: null, argv: null, wanted: number, provided: Int32Array): number;
  Comm_rank(communicator: Handle, rank: Int32Array): number;
  Comm_size(communicator: Handle, size: Int32Array): number;
  Comm_set_errhandler(communicator: Handle, handler: Handle): number;
  Error_string(code: number, text: Uint8Array, length: Int32Array): number;
  Abort(communicator: Handle, exitCode: number): number;
  Finalize(): number;
  Allreduce(
    from: Handle,
    values: ArrayBufferView,
    count: number,
    type: Handle,
    operation: Handle,
    communicator: Handle,
  ): Promise<number>;
  Bcast(values: ArrayBufferView, count: number, type: Handle, root: number, communicator: Handle): Promise<number>;
  Barrier(communicator: Handle): Promise<number>;
  readonly world: Handle;
  readonly types: Readonly<Record<"float" | "double" | "byte", Handle>>;
  readonly plus: Handle;
  readonly errorsReturn: Handle;
}

const prototypes = [
  "Init_thread(void*, void*, int, void*)",
  "Comm_rank(void*, void*)",
  "Comm_size(void*, void*)",
  "Comm_set_errhandler(void*, void*)",
  "Error_string(int, void*, void*)",
  "Abort(void*, int)",
  "Finalize()",
];
const waiting = [
  "Allreduce(void*, void*, int, void*, void*, void*)",
  "Bcast(void*, int, void*, int, void*)",
  "Barrier(void*)",
];

const RTLD_NOW = 2;
// Open MPI's plugins look for its symbols among the global ones, and koffi would unload it before its exit handlers run.
const [RTLD_GLOBAL, RTLD_NODELETE] = process.platform === "darwin" ? [0x8, 0x80] : [0x100, 0x1000];
const libraryName = process.platform === "darwin" ? "libmpi.40.dylib" : "libmpi.so.40";

/** Opens Open MPI's library. @throws Error with the loader's words and the command that adds it */
export async function openMpi(name = libraryName): Promise<OpenMpi> {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load(null);
  const load = () => {
    try {
      return koffi.load(name);
    } catch (error) {
      throw new Error(
        `Cannot use MPI: ${name} does not load (${(error as Error).message}). ` +
          "Debian's command that adds it: sudo apt install openmpi-bin libopenmpi3",
      );
    }
  };
  const library = load();
  const handle = libc.func("void* dlopen(const char*, int)")(name, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  const find = libc.func("void* dlsym(void*, const char*)");
  const address = (symbol: string): Handle => find(handle, `ompi_mpi_${symbol}`);
  const named = (one: string) => /^\w+/.exec(one)?.[0] as string;
  const declared = (one: string) => library.func(`int MPI_${one}`);
  return {
    ...Object.fromEntries(prototypes.map((one) => [named(one), declared(one)])),
    ...Object.fromEntries(waiting.map((one) => [named(one), promisify(declared(one).async)])),
    world: address("comm_world"),
    types: { float: address("float"), double: address("double"), byte: address("byte") },
    plus: address("op_sum"),
    errorsReturn: address("errors_return"),
  } as unknown as OpenMpi;
}
