// Keeps the record of the kernel in use: asks it to report, and again when it has restarted or another one comes into use.
import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";
import { type Watch, watchDevice } from "./deviceComm";
import { DeviceRecord } from "./record";
import { readCell, readNotes, readSamples, readSeries } from "./samples";
import type { SessionInUse } from "./sessionInUse";

/** How things stand between the panel and a kernel. */
export type Standing =
  | "none" // no kernel in use
  | "asking" // it has not answered yet
  | "live" // it reports
  | "foreign" // a kernel that is not ours
  | "silent" // ours, but it knows nothing of such reports
  | "restarting"
  | "disconnected"
  | "dead"
  | "broken"; // what it says cannot be read

const gone: readonly Kernel.Status[] = ["dead", "terminating"];
const starting: readonly Kernel.Status[] = ["restarting", "autorestarting", "starting", "unknown"];

export class KernelReport {
  /** Called whenever there is something new to show. */
  onChange: () => void = () => {};

  constructor(
    private readonly inUse: SessionInUse,
    private wanted: { intervalMs: number; historyMs: number },
  ) {
    this.#record = new DeviceRecord(wanted.historyMs);
    inUse.onChange = () => this.#attend(inUse.widget?.sessionContext);
    this.#attend(inUse.widget?.sessionContext);
  }

  /** Of the kernel in use. */
  get record(): DeviceRecord {
    return this.#record;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** What was wrong, where the standing is `broken`. */
  get reason(): string {
    return this.#reason;
  }

  /** The notebook or console: its title and the kernel's name. */
  get names(): { title: string; kernel: string } {
    return { title: this.inUse.widget?.title.label ?? "", kernel: this.#context?.kernelDisplayName ?? "" };
  }

  get context(): ISessionContext | undefined {
    return this.#context;
  }

  /** Another rate or history. */
  want(wanted: { intervalMs: number; historyMs: number }): void {
    if (wanted.intervalMs !== this.wanted.intervalMs) this.#watch?.setInterval(wanted.intervalMs);
    this.wanted = wanted;
    this.#record.historyMs = wanted.historyMs;
  }

  dispose(): void {
    this.inUse.onChange = () => {};
    this.#attend(undefined);
  }

  #attend(context: ISessionContext | undefined): void {
    if (context === this.#context) return;
    for (const signal of this.#signals()) signal.disconnect(this.#look);
    this.#context = context;
    for (const signal of this.#signals()) signal.connect(this.#look);
    this.#look();
  }

  #signals() {
    const context = this.#context;
    if (!context || context.isDisposed) return [];
    return [context.kernelChanged, context.statusChanged, context.connectionStatusChanged] as {
      connect(slot: () => void): boolean;
      disconnect(slot: () => void): boolean;
    }[];
  }

  readonly #look = (): void => {
    const kernel = this.#context?.session?.kernel ?? undefined;
    if (kernel?.id !== this.#kernel?.id || kernel !== this.#kernel) {
      this.#stop();
      if (kernel?.id !== this.#kernel?.id) this.#record = new DeviceRecord(this.wanted.historyMs);
      this.#kernel = kernel;
    }
    const standing = kernel ? this.#standingOf(kernel) : "none";
    if (standing === undefined) {
      if (!this.#asking) void this.#ask(kernel!);
      return;
    }
    // While a connection is made anew, the kernel goes on reporting.
    if (standing !== "live" && kernel?.connectionStatus !== "connecting") this.#stop();
    this.#stand(standing);
  };

  /** Nothing where it is to be asked, or has been. */
  #standingOf({ status, connectionStatus }: Kernel.IKernelConnection): Standing | undefined {
    if (gone.includes(status)) return "dead";
    if (connectionStatus !== "connected" && this.#record.newest !== undefined) return "disconnected";
    if (starting.includes(status)) return this.#record.newest === undefined ? "asking" : "restarting";
    return this.#answered ? "live" : undefined;
  }

  async #ask(kernel: Kernel.IKernelConnection): Promise<void> {
    const asking = {};
    this.#asking = asking;
    this.#stand("asking");
    const info = await kernel.info.catch(() => undefined);
    if (this.#asking !== asking) return;
    if (info?.implementation !== "bestrq") {
      this.#stand("foreign"); // until another kernel comes, or this one restarts
      return;
    }
    this.#answered = false;
    this.#watch = watchDevice(kernel, this.wanted.intervalMs, {
      told: (data, [samples]) => this.#told(data, samples),
      ended: ({ answered, reason }) => {
        this.#watch = undefined;
        this.#answered = false;
        if (reason) this.#reason = reason;
        this.#stand(reason ? "broken" : answered ? "restarting" : "silent");
        // The part of the kernel that runs cells may have been replaced without the kernel restarting.
        if (answered && !reason) this.#again = setTimeout(() => void this.#ask(kernel), 1000);
      },
    });
  }

  #told({ series, notes, cell }: Record<string, unknown>, samples: Uint8Array | undefined): void {
    if (series !== undefined) this.#record.describe(readSeries(series), readNotes(notes));
    if (cell !== undefined) this.#record.mark(readCell(cell));
    if (samples) readSamples(samples, (name, time, value) => this.#record.add(name, time, value));
    this.#record.forget();
    this.#answered = true;
    this.#stand("live");
  }

  #stop(): void {
    clearTimeout(this.#again);
    this.#asking = undefined;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#answered = false;
  }

  #stand(standing: Standing): void {
    this.#standing = standing;
    this.onChange();
  }

  #record: DeviceRecord;
  #context: ISessionContext | undefined;
  #kernel: Kernel.IKernelConnection | undefined;
  #watch: Watch | undefined;
  /** The question under way, or answered: a kernel is asked once for each of its lives. */
  #asking: object | undefined;
  #answered = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #standing: Standing = "none";
  #reason = "";
}
