// Metrics as TensorBoard reads them: a file of protobuf events, each framed as TensorFlow frames its records.
import { appendFileSync, closeSync, openSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { buf as crc32c } from "crc-32/crc32c";
import { Root } from "protobufjs/light";
import type { MetricsSink, StepMetrics } from "./metrics";

/** The parts of tensorflow/core/util/event.proto and framework/summary.proto that scalars need. */
const Event = Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { id: 1, type: "double" },
        step: { id: 2, type: "int64" },
        fileVersion: { id: 3, type: "string" },
        summary: { id: 5, type: "Summary" },
        sessionLog: { id: 7, type: "SessionLog" },
      },
    },
    Summary: { fields: { value: { id: 1, rule: "repeated", type: "Value" } } },
    Value: {
      oneofs: { value: { oneof: ["simpleValue"] } }, // so that a zero is written, too
      fields: { tag: { id: 1, type: "string" }, simpleValue: { id: 2, type: "float" } },
    },
    SessionLog: { fields: { status: { id: 1, type: "int32" } } },
  },
}).lookupType("Event");

/** From here on the run goes on: TensorBoard forgets what earlier files say of this step and later ones. */
const START = 1;

const tags: Readonly<Partial<Record<keyof StepMetrics, string>>> = {
  loss: "train/loss",
  accuracy: "train/accuracy",
  validationLoss: "validation/loss",
  validationAccuracy: "validation/accuracy",
  codesInUse: "codes/in_use",
  codesGuessed: "codes/guessed",
  gradientNorm: "optimizer/gradient_norm",
  learningRate: "optimizer/learning_rate",
  audioPerSecond: "speed/audio_per_second",
  seconds: "speed/seconds",
  peakBytes: "memory/peak_bytes",
};

/**
 * The metrics of a run in TensorBoard's format, in a new file each time that the run begins or goes on.
 *
 * @example
 * const board = new train.TensorBoard(path, { after: 500 }); // then, in a shell: tensorboard --logdir PATH
 * for await (const metrics of run) board.add(metrics);
 */
export class TensorBoard implements MetricsSink {
  private readonly file: number;

  /**
   * @param folder where the file comes to be; there is a new name for each process and millisecond
   * @param options.after steps that were done before
   * @throws Error where the file cannot be written
   */
  constructor(folder: string, { after = 0 }: { readonly after?: number } = {}) {
    const name = `events.out.tfevents.${(Date.now() / 1000).toFixed(3)}.${hostname()}.${process.pid}`;
    this.file = openSync(join(folder, name), "a");
    this.write({ fileVersion: "brain.Event:2" });
    if (after > 0) this.write({ step: after + 1, sessionLog: { status: START } });
  }

  add(metrics: StepMetrics): void {
    const value = Object.entries(tags).flatMap(([key, tag]) => {
      const simpleValue = metrics[key as keyof StepMetrics];
      return simpleValue === undefined ? [] : [{ tag, simpleValue }];
    });
    this.write({ step: metrics.step, summary: { value } });
  }

  close(): void {
    closeSync(this.file);
  }

  private write(event: object): void {
    appendFileSync(this.file, record(Event.encode({ wallTime: Date.now() / 1000, ...event }).finish()));
  }
}

/** A TFRecord: length (64 bits), its checksum, the data, their checksum. */
function record(data: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(data.length + 16);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(data), 12 + data.length);
  return framed;
}

/** CRC-32C, rotated and shifted: TensorFlow's way, lest checksums of checksums be zero. */
function masked(data: Uint8Array): number {
  const crc = crc32c(data) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
