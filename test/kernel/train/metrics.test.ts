import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodeUse, JsonLines, peakMemory, type StepMetrics, TensorBoard } from "bestrq/train";
import { TrainingLine } from "bestrq/train/trainingLine";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metrics-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const metrics = (step: number, changes: Partial<StepMetrics> = {}): StepMetrics => ({
  step,
  epoch: 0,
  loss: 5 / step,
  accuracy: 0.25,
  chance: 1 / 256,
  codesInUse: 0.5,
  codesGuessed: 0.25,
  gradientNorm: 1.5,
  learningRate: 1e-3,
  seconds: 0.5,
  audioSeconds: 20,
  audioPerSecond: 40,
  peakBytes: 2 ** 30,
  ...changes,
});

test("JsonLines keeps whole rows up to a step, and cuts off what came later or was not written to its end", () => {
  const path = join(folder, "metrics.jsonl");
  const first = new JsonLines(path);
  for (const step of [1, 2, 3]) first.add(metrics(step));
  first.add(metrics(4, { loss: Number.NaN }));
  first.close();
  appendFileSync(path, '{"step":5,"lo');
  expect(JsonLines.read(path).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(JsonLines.read(path)[3].loss).toBeNaN();
  const second = new JsonLines(path, { after: 2 });
  second.add(metrics(3, { loss: 7 }));
  second.close();
  expect(JsonLines.read(path)).toEqual([metrics(1), metrics(2), metrics(3, { loss: 7 })]);
});

test("JsonLines reads a file of other text as far as it is rows", () => {
  const path = join(folder, "metrics.jsonl");
  writeFileSync(path, `${JSON.stringify(metrics(1))}\nnonsense\n${JSON.stringify(metrics(2))}\n`);
  expect(JsonLines.read(path)).toEqual([metrics(1)]);
});

test("CodeUse counts codes of the last steps, targets and guesses apart", () => {
  const use = new CodeUse(4, 2);
  use.add([0, 1, 1], [3, 3, 3]);
  expect(use.shares(1)).toEqual({ codesInUse: 0.5, codesGuessed: 0.25 });
  use.add([2], [0]);
  expect(use.shares(2)).toEqual({ codesInUse: 0.75, codesGuessed: 0.5 });
  expect(use.shares(3)).toEqual({ codesInUse: 0.25, codesGuessed: 0.25 }); // step 1 is out of the window
  const resumed = new CodeUse(4, 2);
  resumed.lastSeen.set(use.lastSeen);
  expect([resumed.shares(4), use.shares(4)]).toEqual(new Array(2).fill({ codesInUse: 0, codesGuessed: 0 }));
});

/** Records of a file as TensorFlow frames them, checksums left out. */
function records(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    found.push(bytes.subarray(at + 12, at + 12 + length));
    at += length + 16;
  }
  return found;
}

/** Fields of a protobuf message: [number, value]. */
function fields(bytes: Buffer): [number, number | Buffer][] {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const [byte] = take(1);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const byWireType: Record<number, () => number | Buffer> = {
    0: varint,
    1: () => take(8).readDoubleLE(),
    2: () => take(varint()),
    5: () => take(4).readFloatLE(),
  };
  const found: [number, number | Buffer][] = [];
  while (at < bytes.length) {
    const key = varint();
    found.push([key >> 3, byWireType[key & 7]()]);
  }
  return found;
}

test("TensorBoard writes events by the field numbers of TensorFlow's protocol, a new file when a run goes on", () => {
  const first = new TensorBoard(folder);
  first.add(metrics(1, { accuracy: 0 }));
  first.close();
  const second = new TensorBoard(folder, { after: 40 });
  second.add(metrics(41, { validationLoss: 3.5 }));
  second.close();
  const files = readdirSync(folder).sort();
  expect(files).toEqual([expect.stringMatching(/^events\.out\.tfevents\./), expect.stringMatching(/^events\./)]);
  const events = files.map((name) => records(readFileSync(join(folder, name))).map(fields));
  expect(events.map((file) => file.length)).toEqual([2, 3]);
  const [[version, step], [, restart, later]] = events.map((file) => file.map((event) => new Map(event)));
  expect(version.get(3)?.toString()).toBe("brain.Event:2");
  expect(step.get(2)).toBe(1);
  expect(Math.abs((step.get(1) as number) - Date.now() / 1000)).toBeLessThan(3600);
  const scalars = (event: typeof step) =>
    fields(event.get(5) as Buffer).map(([, value]) => {
      const [[, tag], [, scalar]] = fields(value as Buffer);
      return [String(tag), scalar];
    });
  expect(scalars(step)).toContainEqual(["train/loss", 5]);
  expect(scalars(step)).toContainEqual(["train/accuracy", 0]);
  expect(scalars(step)).toContainEqual(["memory/peak_bytes", 2 ** 30]);
  expect(scalars(later)).toContainEqual(["validation/loss", 3.5]);
  expect([restart.get(2), fields(restart.get(7) as Buffer)]).toEqual([41, [[1, 1]]]); // SessionLog.START
});

test("TensorBoard begins a file as TensorFlow does, the checksum of the first length included", () => {
  const board = new TensorBoard(folder);
  board.close();
  const [name] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name));
  expect(bytes.subarray(0, 12).toString("hex")).toBe("1800000000000000a37f4b22");
});

test("peakMemory() is at least what the process has, and rises with it", () => {
  peakMemory();
  const block = new Uint8Array(200 * 2 ** 20).fill(1);
  expect(peakMemory()).toBeGreaterThan(block.length);
});

test("TrainingLine is one line in a terminal, and lines in a log", () => {
  const text = (isTTY: boolean) => {
    const written: string[] = [];
    const line = new TrainingLine({ steps: 12 }, { isTTY, write: (text) => written.push(text) });
    line.begin(10);
    line.add(metrics(11, { validationLoss: 3 }));
    line.add(metrics(12));
    line.close();
    return written.join("").replaceAll("\x1b[K", "<clear>");
  };
  const [terminal, log] = [text(true), text(false)];
  expect(terminal).toMatch(
    /^\r<clear>step 11 of 12 · .*left\r<clear>step 12 of 12 · loss 0\.417, validation 3\.000 · .*\n$/,
  );
  expect(log).toMatch(
    /^step 11 of 12 · loss 0\.455.* · accuracy 25\.0 % · 40 s of audio a second · .* left\nstep 12 of 12 .*\n$/,
  );
});
