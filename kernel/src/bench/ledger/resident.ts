// The resident set of this process, as Linux tells it.
import { openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { overlay, tf } from "../../tensor";

/** Most bytes resident since {@link forgetHighest}, or since the process began. */
export const highestResident = (): number => {
  const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return 1024 * Number(kibibytes);
};

/** The highest resident set begins anew. */
export const forgetHighest = (): void => writeFileSync("/proc/self/clear_refs", "5");

/** The resident set after each kernel that TensorFlow.js runs. */
export class ResidentSamples {
  private readonly file = openSync("/proc/self/statm", "r");
  private readonly text = Buffer.alloc(128);
  private readonly samples: { readonly ms: number; readonly bytes: number }[] = [];

  /** Bytes resident now. */
  now(): number {
    const length = readSync(this.file, this.text, 0, this.text.length, 0);
    return 4096 * Number(this.text.toString("latin1", 0, length).split(" ")[1]);
  }

  /** Samples while `body` runs. */
  async during(body: () => Promise<void>): Promise<void> {
    const engine = tf.engine() as unknown as { runKernelFunc(invocation: unknown): unknown };
    const { runKernelFunc } = engine;
    const restore = overlay(engine, {
      runKernelFunc: (invocation) => {
        const result = runKernelFunc.call(engine, invocation);
        this.samples.push({ ms: performance.now(), bytes: this.now() });
        return result;
      },
    });
    try {
      await body();
    } finally {
      restore();
    }
  }

  /** Most bytes resident until the kernel that ran at a moment of `performance.now()` had ended. */
  until(ms: number): number {
    const next = this.samples.findIndex((sample) => sample.ms >= ms);
    const until = this.samples.slice(0, next < 0 ? undefined : next + 1);
    return Math.max(...until.map(({ bytes }) => bytes));
  }
}
