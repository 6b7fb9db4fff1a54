// Results as they could be.
import type { Measurement, PeerMeasurement } from "bestrq/bench/measurement";

export const measured = (changes: Partial<Measurement> = {}): Measurement => ({
  backend: "tensorflow",
  mixer: "mamba",
  size: "base",
  parameters: 95_000_000,
  seconds: 10,
  batch: 1,
  threads: 2,
  work: "forward",
  best_s: 0.5,
  peak_bytes: 500_000_000,
  peak_rss_mib: 1024,
  median_s: 0.55,
  worst_s: 0.6,
  first_s: 2,
  compile_s: 1,
  repeat: 3,
  rounds_s: [0.5, 0.52],
  gflops_per_s: 60,
  limit_share: 0.45,
  ...changes,
});

export const peer = (changes: Partial<PeerMeasurement> = {}): PeerMeasurement => ({
  peer: "abacus 1.0",
  mixer: "mamba",
  seconds: 10,
  work: "forward",
  best_s: 1,
  peak_rss_mib: 2048,
  rounds_s: [1.3, 1],
  ...changes,
});
