// Libraries of C, called by koffi on threads of their own: a driver that hangs is not to stop the thread that samples.

type Argument = number | bigint | string | null | ArrayBufferView;

/** Calls a function and gives the status that it returns. Buffers are passed for pointers and must live until then. */
export type StatusFunction = (...args: Argument[]) => Promise<number>;

export interface NativeLibrary {
  /** The function of this prototype, such as `int cuInit(unsigned int)`; undefined where the library lacks it. */
  find(prototype: string): StatusFunction | undefined;
  /** What a function that takes a number, and returns text, says. */
  text(prototype: string, argument: number): string;
}

/** Opens a library that the system's loader finds. @throws Error with the loader's words */
export async function openNative(name: string): Promise<NativeLibrary> {
  const { default: koffi } = await import("koffi");
  const library = koffi.load(name);
  return {
    find(prototype) {
      try {
        const called = library.func(prototype);
        return (...args) =>
          new Promise((resolve, reject) => {
            called.async(...args, (error: Error | null, status: number) => (error ? reject(error) : resolve(status)));
          });
      } catch {
        return undefined;
      }
    },
    text: (prototype, argument) => String(library.func(prototype)(argument)),
  };
}

const [RTLD_NOW, RTLD_NOLOAD] = [2, process.platform === "darwin" ? 0x10 : 4];

/** Functions of C's library. Declaring them takes longer than calling them. */
let libc: Promise<Record<"dlopen" | "dlclose" | "getenv", (...args: Argument[]) => unknown>> | undefined;

function theLibc() {
  libc ??= import("koffi").then(({ default: koffi }) => {
    const library = koffi.load(null);
    return {
      dlopen: library.func("void* dlopen(const char*, int)"),
      dlclose: library.func("int dlclose(void*)"),
      getenv: library.func("const char* getenv(const char*)"),
    };
  });
  return libc;
}

/** Whether the process has loaded a library already, by its name; where it has not, this does not load it. */
export async function isLoaded(name: string): Promise<boolean> {
  const { dlopen, dlclose } = await theLibc();
  const handle = dlopen(name, RTLD_NOW | RTLD_NOLOAD) as bigint | null;
  if (handle) dlclose(handle);
  return Boolean(handle);
}

/** C's environment variable: a thread's `process.env` is a copy of what was set before it began. */
export async function environment(name: string): Promise<string | null> {
  return (await theLibc()).getenv(name) as string | null;
}

/** Text that C has written into a buffer. */
export function cString(buffer: Uint8Array): string {
  const end = buffer.indexOf(0);
  return Buffer.from(buffer.subarray(0, end < 0 ? buffer.length : end)).toString();
}
