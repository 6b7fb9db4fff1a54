// What computes, where, and what would be faster: a line or two, in a notebook and in a terminal.

/** A backend that one would rather have, and why it is not in use. */
export interface Better {
  /** What it is, such as `webgpu` or `tensorflow on the GPU`. */
  readonly name: string;
  readonly reason: string;
  /** The command that adds what is missing, where one does. */
  readonly command?: string;
}

/** What one backend says of itself. */
export interface Description {
  /** The backend's name in TensorFlow.js: `tensorflow`, `webgpu` or `wasm`; `cpu` where not even WebAssembly can run. */
  readonly name: string;
  /** Where the tensors are. */
  readonly device: "CPU" | "GPU";
  /** The name of that CPU or GPU. */
  readonly deviceName: string;
  /** Version of libtensorflow, or of TensorFlow.js on the other backends. */
  readonly version: string;
  /** Threads of the CPU that one op may use; on `tensorflow` set by the environment variable `BESTRQ_THREADS`. */
  readonly threads: number;
}

/** What computes now. Shows itself in a notebook. */
export class BackendStatus implements Description {
  readonly name: string;
  readonly device: "CPU" | "GPU";
  readonly deviceName: string;
  readonly version: string;
  readonly threads: number;

  constructor(
    { name, device, deviceName, version, threads }: Description,
    /** What `auto` would rather have taken, best first. */
    readonly better: readonly Better[] = [],
  ) {
    this.name = name;
    this.device = device;
    this.deviceName = deviceName;
    this.version = version;
    this.threads = threads;
  }

  toString(): string {
    return this.lines((command) => command).join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** As figures/display.ts asks for it. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const markdown = this.lines((command) => `\`${command}\``).map((line) => line.replace(/[<>_*[\]]/g, "\\$&"));
    return { "text/markdown": markdown.join("  \n"), "text/plain": this.toString() };
  }

  private lines(quote: (command: string) => string): string[] {
    const { name, version, device, deviceName, threads } = this;
    const where = device === "GPU" ? deviceName : `${deviceName}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
    const missing = this.better.map(
      ({ name, reason, command }) => `not ${name}: ${reason}${command ? `; to add it: ${quote(command)}` : ""}`,
    );
    return [`${name} ${version} on the ${device} (${where})`, ...missing];
  }
}
