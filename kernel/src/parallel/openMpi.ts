// Open MPI's functions (MPI 3.1) by koffi: no compiler needed.

/** What is behind a handle of MPI. */
type Handle = bigint;

/** The functions that we call, without their prefix `MPI_`; `values` are read and written while a request is under way. */
export interface OpenMpi {
  Init_thread(argc: null, argv: null, wanted: number, provided: Int32Array): number;
  Comm_rank(communicator: Handle, rank: Int32Array): number;
  Comm_size(communicator: Handle, size: Int32Array): number;
  Iallreduce(
    from: Handle,
    values: ArrayBufferView,
    count: number,
    type: Handle,
    operation: Handle,
    communicator: Handle,
    request: BigUint64Array,
  ): number;
  Ibcast(
    values: ArrayBufferView,
    count: number,
    type: Handle,
    root: number,
    communicator: Handle,
    request: BigUint64Array,
  ): number;
  Ibarrier(communicator: Handle, request: BigUint64Array): number;
  Test(request: BigUint64Array, done: Int32Array, status: null): number;
  Abort(communicator: Handle, exitCode: number): number;
  Finalize(): number;
  readonly world: Handle;
  readonly types: Readonly<Record<"float" | "double" | "byte", Handle>>;
  readonly plus: Handle;
}

const prototypes = [
  "Init_thread(void*, void*, int, void*)",
  "Comm_rank(void*, void*)",
  "Comm_size(void*, void*)",
  "Iallreduce(void*, void*, int, void*, void*, void*, void*)",
  "Ibcast(void*, int, void*, int, void*, void*)",
  "Ibarrier(void*, void*)",
  "Test(void*, void*, void*)",
  "Abort(void*, int)",
  "Finalize()",
];

const RTLD_NOW = 2;
// Open MPI's plugins look for its symbols among the global ones, and koffi would unload it before its exit handlers run.
const [RTLD_GLOBAL, RTLD_NODELETE] = process.platform === "darwin" ? [0x8, 0x80] : [0x100, 0x1000];
const libraryName = process.platform === "darwin" ? "libmpi.40.dylib" : "libmpi.so.40";

/** Opens Open MPI's library. @throws Error with the loader's words and the command that adds it */
export async function openMpi(name = libraryName): Promise<OpenMpi> {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load(null);
  const handle = libc.func("void* dlopen(const char*, int)")(name, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  if (!handle) {
    const reason = libc.func("const char* dlerror()")();
    throw new Error(
      `Cannot use MPI: ${reason}. Debian's command that adds it: sudo apt install openmpi-bin libopenmpi3`,
    );
  }
  const library = koffi.load(name);
  const find = libc.func("void* dlsym(void*, const char*)");
  const address = (symbol: string): Handle => find(handle, `ompi_mpi_${symbol}`);
  return {
    ...Object.fromEntries(prototypes.map((one) => [/^\w+/.exec(one)?.[0], library.func(`int MPI_${one}`)])),
    world: address("comm_world"),
    types: { float: address("float"), double: address("double"), byte: address("byte") },
    plus: address("op_sum"),
  } as unknown as OpenMpi;
}
