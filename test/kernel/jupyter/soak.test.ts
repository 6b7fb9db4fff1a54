import { existsSync } from "node:fs";
import { Random } from "bestrq/tensor/random";
import { expect, test } from "vitest";
import { Client } from "./client";
import { holdings, soak } from "./soak";

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const cells = Number(process.env.SOAK_CELLS ?? 300); // a whole day's: 2,000

test(`${cells} cells, interrupts, errors, floods, restarts and deaths at random leave nothing behind (SOAK_SEED=${seed})`, {
  timeout: 1_200_000,
}, async () => {
  console.log(`SOAK_SEED=${seed} SOAK_CELLS=${cells}`);
  const client = await Client.start();
  try {
    // A fresh kernel and executor that has done some of everything, once: compiled, filled its caches.
    const fresh = async () => {
      await client.restart();
      await client.execute("process.kill(process.pid, 'SIGKILL'); while (true) {}");
      await soak(client, 100, new Random(3), false);
    };
    await fresh();
    const before = existsSync("/proc/self/fd") ? holdings(client) : undefined;
    await soak(client, cells, new Random(seed));
    await fresh();
    if (!before) return;
    const after = holdings(client);
    console.log(JSON.stringify({ before, after }));
    expect(after.processes).toBe(before.processes);
    expect(after.handles).toBe(before.handles);
    expect(after.memory).toBeLessThan(before.memory + 100);
  } finally {
    await client.stop();
  }
});
