import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests read the library's sources; what runs as a process of its own (kernel, notebook, browser) is tested as built.
  resolve: {
    alias: [
      { find: /^bestrq\/(.*)$/, replacement: fileURLToPath(new URL("kernel/src/$1", import.meta.url)) },
      { find: /^bestrq$/, replacement: fileURLToPath(new URL("kernel/src/index.ts", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
