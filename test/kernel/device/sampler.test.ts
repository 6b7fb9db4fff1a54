import { publishGauge } from "bestrq/device";
import { GaugeProbe, onGauge } from "bestrq/device/gauges";
import { type DeviceSeries, Probe, type Values } from "bestrq/device/probe";
import { ProcessProbe } from "bestrq/device/process";
import { Sampler } from "bestrq/device/sampler";
import { expect, test } from "vitest";

const series = (name: string): DeviceSeries => ({
  name,
  label: name,
  unit: "bytes",
  what: "a test",
  resolution: "exact",
  group: "process",
});
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class Counting extends Probe {
  count = 0;
  override series = [series("count")];
  sample(): Values {
    return { count: ++this.count };
  }
}
/** Answers when it is told to. */
class Slow extends Probe {
  asked = 0;
  answer: (values: Values) => void = () => {};
  sample(): Promise<Values> {
    this.asked++;
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }
  find(name: string): void {
    this.series = [...this.series, series(name)];
    this.note(`found ${name}`);
    this.note(`found ${name}`);
  }
}

test("Sampler.listen() goes on while one source is slow, and asks that one again when it has answered", async () => {
  const [counting, slow] = [new Counting(), new Slow()];
  const heard: Values[] = [];
  const descriptions: string[][] = [];
  const stop = new Sampler([counting, slow]).listen(
    {
      onDescription: ({ series, notes }) => descriptions.push([...series.map(({ name }) => name), ...notes]),
      onValues: (_, values) => heard.push(values),
    },
    50,
  );
  while (counting.count < 3) await pause(10);
  expect(slow.asked).toBe(1);
  slow.find("late");
  slow.answer({ late: 7 });
  while (slow.asked < 2) await pause(10);
  expect(heard.filter((values) => "late" in values)).toEqual([{ late: 7 }]);
  expect(descriptions).toEqual([["count"], ["count", "late", "found late"]]);
  stop();
  slow.answer({ late: 8 });
  const { length } = heard;
  await pause(150);
  expect(heard).toHaveLength(length);
});

test("Sampler.once() does not wait for ever for a source that hangs", async () => {
  const { values, series } = await new Sampler([new Counting(), new Slow()]).once();
  expect(values).toEqual({ count: 1 });
  expect(series.map(({ name }) => name)).toEqual(["count"]);
});

test("publishGauge() lets another thread read a number, the latest of a name", () => {
  const probe = new GaugeProbe();
  onGauge((gauge) => probe.add(structuredClone(gauge))); // as a message to a thread is
  const tell = publishGauge(series("test.gauge"));
  expect(probe.sample()).toMatchObject({ "test.gauge": 0 });
  tell(2 ** 40 + 1);
  expect(probe.sample()).toMatchObject({ "test.gauge": 2 ** 40 + 1 });
  publishGauge(series("test.gauge"))(3);
  expect(probe.sample()).toMatchObject({ "test.gauge": 3 });
  expect(probe.series.filter(({ name }) => name === "test.gauge")).toHaveLength(1);
});

test("ProcessProbe sees memory that is taken", () => {
  const probe = new ProcessProbe();
  const before = probe.sample()["process.rss"]!;
  const taken = Buffer.alloc(64 * 2 ** 20, 1);
  expect(probe.sample()["process.rss"]! - before).toBeGreaterThan(0.9 * taken.length);
  for (const { what, resolution, limit } of probe.series) {
    expect(what.length).toBeGreaterThan(20);
    expect(resolution.length).toBeGreaterThan(10);
    expect(limit).toBeGreaterThan(before);
  }
});
