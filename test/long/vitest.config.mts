// `npm run test:long`: what takes minutes to hours, kept out of `npm test`. Its results are in data/results.
import { defineConfig } from "vitest/config";
import usual from "../../vitest.config.mjs";

const hour = 3_600_000;

export default defineConfig({
  ...usual,
  test: { ...usual.test, include: ["test/long/**/*.long.ts"], maxWorkers: 1, testTimeout: 3 * hour, hookTimeout: hour },
});
