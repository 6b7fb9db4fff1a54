// The ledger beside the system, in processes of their own.
import { ledgerCost, ledgerResidence } from "bestrq/bench/ledger/run";
import type { Pass } from "bestrq/bench/ledger/task";
import { expect, test } from "vitest";

const base: Pass = { mixer: "summarymixing", size: "base", seconds: 64, backend: "tensorflow" };

test("the ledger's peak of a large forward pass is the growth of the resident set, to 15 %", async () => {
  if (process.platform !== "linux") {
    expect(() => ledgerResidence(base, "system")).toThrow("Linux tells its highest");
    return;
  }
  const told = await ledgerResidence(base, "system");
  expect(told.ledger_bytes).toBeGreaterThan(500e6);
  expect(Math.abs(told.difference)).toBeLessThan(0.15);
  expect(told.rss_at_peak_bytes).toBeLessThanOrEqual(told.rss_bytes * 1.01);
  expect(told.rss_after_bytes).toBeLessThan(told.rss_bytes / 2); // what was released went back to the system
}, 600_000);

test("ledgerCost() times passes with and without the ledger", async () => {
  const told = await ledgerCost({ ...base, size: "tiny", seconds: 1 }, 2);
  expect(told.events).toBeGreaterThan(500);
  const [low, high] = told.interval;
  expect(low <= told.ratio && told.ratio <= high).toBe(true);
  const all = [told.first_s, told.off_s, told.on_s, low];
  expect(all.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
});
