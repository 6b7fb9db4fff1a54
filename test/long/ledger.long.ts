// The ledger beside the system, all five mixers, base over 80 s; and what recording costs. Five minutes on a quiet machine.

import { ledgerCost, ledgerResidence } from "bestrq/bench/ledger/run";
import type { Cost, Pass, Residence } from "bestrq/bench/ledger/task";
import { mixerNames } from "bestrq/bestrq";
import { expect, test } from "vitest";
import { keepResult } from "./results";

test("the ledger's peak is the growth of the resident set, to 15 %, where the allocator keeps nothing", async () => {
  const [costs, residences]: [Cost[], Residence[]] = [[], []];
  for (const mixer of mixerNames) {
    const pass: Pass = { mixer, size: "base", seconds: 80, backend: "tensorflow" };
    costs.push(await ledgerCost(pass, 5));
    residences.push(await ledgerResidence(pass, "system"), await ledgerResidence(pass, "pool"));
  }
  keepResult("ledger", { costs, residences });
  for (const { mixer, difference } of residences.filter(({ allocator }) => allocator === "system")) {
    expect(Math.abs(difference), mixer).toBeLessThan(0.15);
  }
});
