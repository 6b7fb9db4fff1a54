// The model of many processes: against sums done by hand, and against its own limits.
import { assumedNetworks, fitNetwork, ringSeconds, ringTraffic, scaling } from "bestrq/parallel";
import { expect, test } from "vitest";

const network = { name: "ours", latency: 1e-4, bandwidth: 1e9 };
const cost = { compute: 1, copy: 0.1, bytes: 1e8, bucketBytes: 25e6 };

test("a ring sends 2 (N − 1) / N of the bytes, in 2 (N − 1) rounds", () => {
  expect([1, 2, 3, 4, 512].map((processes) => ringTraffic(12, processes))).toEqual([0, 12, 16, 18, 24 * (511 / 512)]);
  expect(ringSeconds(1e9, 2, network)).toBeCloseTo(2e-4 + 1, 12);
  expect(ringSeconds(1e9, 5, network)).toBeCloseTo(8e-4 + 1.6, 12);
});

test("a step of two processes, by hand", () => {
  const [one, two] = scaling(cost, network, [1, 2]);
  expect(one).toEqual({ processes: 1, traffic: 0, exchange: 0, step: 1, efficiency: 1, overlapped: 1 });
  // four buckets, each copied in 0.025 s and exchanged in 0.0252 s
  expect(two.exchange).toBeCloseTo(0.1008, 12);
  expect(two.step).toBeCloseTo(1 + 0.025 + 4 * 0.0252, 12);
  expect(two.efficiency).toBeCloseTo(1 / 1.1258, 12);
  expect(two.overlapped).toBeCloseTo(1 + 0.1 + 0.0252, 12);
  expect(two.traffic).toBe(1e8);
});

test("steps grow with processes, and overlap saves at most the exchange", () => {
  const counts = Array.from({ length: 10 }, (_, power) => 2 ** power);
  for (const one of [network, ...assumedNetworks]) {
    const steps = scaling(cost, one, counts);
    for (const [index, { step, overlapped, exchange, efficiency, traffic }] of steps.entries()) {
      expect(overlapped).toBeLessThanOrEqual(step);
      expect(step - overlapped).toBeLessThanOrEqual(exchange);
      expect(efficiency).toBeLessThanOrEqual(1);
      expect(traffic).toBeLessThan(2 * cost.bytes);
      if (index > 0) expect(step).toBeGreaterThan(steps[index - 1].step);
    }
  }
});

test("fitNetwork() finds the network that sums were made with", () => {
  const sizes = [8, 1e3, 1e5, 1e6, 3e7];
  for (const processes of [2, 3, 16]) {
    const measured = sizes.map((bytes) => ({ bytes, seconds: ringSeconds(bytes, processes, network) }));
    const found = fitNetwork("ours", processes, measured);
    expect(found.latency / network.latency).toBeCloseTo(1, 9);
    expect(found.bandwidth / network.bandwidth).toBeCloseTo(1, 9);
  }
  const noLatency = fitNetwork("ours", 2, [
    { bytes: 1, seconds: 1e-10 },
    { bytes: 1e6, seconds: 1e-3 },
    { bytes: 2e6, seconds: 3e-3 },
  ]);
  expect(noLatency.latency).toBeGreaterThanOrEqual(0);
  expect(noLatency.bandwidth).toBeGreaterThan(0);
});

test("what cannot be estimated is named", () => {
  expect(() => scaling({ ...cost, compute: 0 }, network, [1])).toThrow(
    "Cannot estimate scaling: compute must be above 0, got 0",
  );
  expect(() => scaling(cost, { ...network, latency: -1 }, [1])).toThrow("latency must be 0 or more, got -1");
  expect(() => scaling(cost, { ...network, bandwidth: Number.NaN }, [1])).toThrow("bandwidth must be above 0, got NaN");
  expect(() => scaling(cost, network, [1, 2.5])).toThrow("processes must be whole numbers from 1, got 2.5");
  expect(() => fitNetwork("one", 1, [])).toThrow("Cannot fit a network");
});
