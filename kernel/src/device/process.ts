// The memory of this process as the system sees it, and of the group that it is limited with.
import { totalmem } from "node:os";
import { findCgroup } from "./cgroup";
import { type DeviceSeries, Probe, type Values } from "./probe";

/** RSS of this process and, on Linux, its cgroup: 0.05 ms a sample. */
export class ProcessProbe extends Probe {
  readonly #cgroup = findCgroup();
  override readonly series: readonly DeviceSeries[] = [
    {
      name: "process.rss",
      label: "Process (RSS)",
      unit: "bytes",
      what:
        "Physical memory that this process occupies: JavaScript, libraries, tensors on the CPU, and what allocators keep " +
        "for later. Not memory on a GPU",
      resolution: "pages of the system (4 KiB or more); allocators give memory back late or never",
      group: "process",
      limit: this.#cgroup?.limit ?? totalmem(),
    },
    ...(this.#cgroup ? [groupSeries(this.#cgroup.version, this.#cgroup.limit)] : []),
  ];

  sample(): Values {
    const used = this.#cgroup?.used();
    return { "process.rss": process.memoryUsage.rss(), ...(used === undefined ? {} : { "cgroup.used": used }) };
  }
}

function groupSeries(version: 1 | 2, limit: number | undefined): DeviceSeries {
  return {
    name: "cgroup.used",
    label: `Control group (v${version})`,
    unit: "bytes",
    what:
      "Memory of all processes in this one's control group (the container, or job), with the file cache that is in use. " +
      "At its limit the system ends one of them",
    resolution: "pages of the system, counted in batches: up to some MiB late",
    group: "process",
    limit: limit ?? totalmem(),
  };
}
