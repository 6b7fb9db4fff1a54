// What a notebook sees of training: a bar with the time left, and curves that stay light however long a run is.
import { hostSymbol } from "bestrq/figures";
import { type PretrainStep, TrainingView } from "bestrq/train";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let shown: Record<string, unknown>[];
beforeEach(() => {
  shown = [];
  const display = (data: Record<string, unknown>) => shown.push(data);
  Object.assign(globalThis, { [hostSymbol]: { display, registerTarget: () => {}, openComm: () => {} } });
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  Object.assign(globalThis, { [hostSymbol]: undefined });
  vi.useRealTimers();
});

const step = (number: number): PretrainStep => ({
  ...{ step: number, loss: 5 - number / 1e4, accuracy: number / 1e5, chance: 1 / 256 },
  ...{ learningRate: 1e-3, gradientNorm: 1, seconds: 1 },
});
const texts = () => shown.map((data) => String(data["text/plain"]));

test("a run that goes on counts the steps done before, and estimates by those it has seen", async () => {
  const view = new TrainingView({ steps: 100 });
  for (let number = 61; number <= 70; number++) {
    vi.advanceTimersByTime(1000);
    view.add("mamba", step(number));
  }
  await Promise.resolve();
  expect(
    texts()
      .filter((text) => text.startsWith("Pre-training "))
      .at(-1),
  ).toContain("70 of 100 · 10 s · 30 s left");
});

test("ten thousand steps are drawn by some hundred points, the last one as it is", async () => {
  const view = new TrainingView({ steps: 10_000 });
  for (let number = 1; number <= 10_000; number++) view.add("mamba", step(number));
  await Promise.resolve();
  const bytes = JSON.stringify(shown.at(-1)).length;
  expect(bytes).toBeLessThan(100_000);
  expect(texts().at(-1)).toContain("loss (nats)");
});
