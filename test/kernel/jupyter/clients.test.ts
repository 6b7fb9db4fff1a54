import { expect, test } from "vitest";
import { allPassed, runSuite } from "./suite";

test("jupyter_client, nbclient and jupyter console drive the kernel", { timeout: 240_000 }, async () => {
  expect(await runSuite("clients.py")).toMatch(allPassed);
});
