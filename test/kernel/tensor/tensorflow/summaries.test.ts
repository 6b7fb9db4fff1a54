// The ops by which TensorBoard's files are written: string and resource tensors, and one of int64.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tf } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";
import { handles, useBackend } from "../backends";

interface SummaryBackend {
  summaryWriter(directory: string): tf.Tensor;
  createSummaryFileWriter(writer: tf.Tensor, directory: string): void;
  writeScalarSummary(writer: tf.Tensor, step: number, name: string, value: number): void;
  flushSummaryWriter(writer: tf.Tensor): void;
}

beforeAll(() => useBackend("tensorflow"));

test("scalar summaries are written where TensorBoard reads them", () => {
  const directory = mkdtempSync(join(tmpdir(), "summaries-"));
  const before = handles();
  const backend = tf.backend() as unknown as SummaryBackend;
  tf.tidy(() => {
    const writer = backend.summaryWriter(directory);
    backend.createSummaryFileWriter(writer, directory);
    for (let step = 0; step < 3; step++) backend.writeScalarSummary(writer, step, "loss/a-name-longer-than-22", 7.5);
    backend.flushSummaryWriter(writer);
    expect(() => writer.dataSync()).toThrow(/^Cannot read a tensor of resource/);
  });
  const [file] = readdirSync(directory);
  const written = readFileSync(join(directory, file)).toString("latin1");
  expect(file).toMatch(/^events\.out\.tfevents\..*\.v2$/);
  expect(written.split("loss/a-name-longer-than-22")).toHaveLength(4);
  expect(written).toContain(Buffer.from(Float32Array.of(7.5).buffer).toString("latin1"));
  expect(handles()).toBe(before);
  rmSync(directory, { recursive: true });
});
