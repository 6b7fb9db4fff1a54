// WebGPU reports what went wrong by events, and goes on with garbage. Here that becomes an exception.
import type { Device } from "./dawn";

/** What went wrong on a device, to be thrown where someone can catch it. */
export class Faults {
  private fault: Error | undefined;
  private lost: Error | undefined;

  constructor(device: Device) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault(); // else Dawn prints it
      this.fault ??= event.error;
    });
    device.lost.then(({ reason, message }) => {
      this.lost = new Error(
        `Cannot compute: the GPU was lost (${[reason, firstLine(message)].filter(Boolean).join(", ")}), and with it the ` +
          "tensors on it; use another backend, or restart the kernel and use shorter input or a smaller batch",
      );
    });
    // What cannot be made must not get into a command buffer, where it would spoil everything else.
    for (const name of ["createBuffer", "createComputePipeline", "createBindGroup"] as const) {
      const make = device[name].bind(device);
      device[name] = (...args) => {
        const made = make(...args);
        this.raise(name);
        return made;
      };
    }
  }

  /** Whether the device is gone for good. */
  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** Throws what went wrong since the last time. */
  raise(name?: string): void {
    if (this.lost) throw this.lost;
    const { fault } = this;
    this.fault = undefined;
    if (!fault) return;
    if (name === "createBuffer")
      throw new RangeError(`Cannot allocate on the GPU: ${firstLine(fault.message)}`, { cause: fault });
    throw new Error(firstLine(fault.message), { cause: fault });
  }
}

function firstLine(message: string): string {
  return message.trim().split("\n")[0].replace(/\.$/, "");
}
