import { expect, test } from "vitest";
import { allPassed, runSuite } from "./suite";

test("the kernel passes Jupyter's own conformance suite", { timeout: 240_000 }, async () => {
  expect(await runSuite("conformance.py")).toMatch(allPassed);
});
