// `bestrq bench scaling`: what a training step takes on up to 512 processes, estimated from what is measured on few.
import { parseArgs } from "node:util";
import { BestRq, configure, type MixerName, mixerNames, type Size, sizes } from "../../bestrq";
import { assumedNetworks, communicator, fitNetwork, type StepCost, scaling } from "../../parallel";
import { backend } from "../../tensor";
import { bucketBytes, gradientSeconds, stepSeconds, sumSeconds } from "./measure";
import { type Estimate, keep, tell } from "./report";

const counts = Array.from({ length: 10 }, (_, power) => 2 ** power);

const flags = {
  mixer: { type: "string", default: "summarymixing" },
  size: { type: "string", default: "base" },
  seconds: { type: "string", default: "10" },
  batch: { type: "string", default: "1" },
  repeat: { type: "string", default: "3" },
  bandwidth: { type: "string" },
  latency: { type: "string" },
  step: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/**
 * Measures with the processes that mpirun started, or takes the network and the step from the arguments. The first
 * process prints a table, or a line of JSON for each network and number of processes.
 *
 * @throws RangeError where an argument is wrong or something can be neither measured nor taken from them
 */
export async function runScaling(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: flags });
  const { mixer, size, json, out } = values;
  oneOf("mixer", mixer, mixerNames);
  oneOf("size", size, sizes);
  const number = (name: "seconds" | "bandwidth" | "latency" | "step") => {
    const value = Number(values[name]);
    if (!(value > 0 && value < Infinity)) throw wrong(name, "a number above 0", values[name]);
    return value;
  };
  const whole = (name: "batch" | "repeat") => {
    const value = Number(values[name]);
    if (!(Number.isSafeInteger(value) && value >= 1)) throw wrong(name, "a whole number from 1", values[name]);
    return value;
  };
  const task = { mixer: mixer as MixerName, size: size as Size, seconds: number("seconds"), batch: whole("batch") };
  const repeat = whole("repeat");
  const processes = await communicator();
  const isKnown = values.bandwidth !== undefined && values.latency !== undefined;
  if (processes.size === 1 && !isKnown) {
    throw new RangeError(
      "Cannot estimate scaling: start it by mpirun -n 2 to measure the network between processes, " +
        "or give its --latency (seconds) and --bandwidth (bytes a second)",
    );
  }
  const given = isKnown ? [{ name: "as given", latency: number("latency"), bandwidth: number("bandwidth") }] : [];
  await backend.use();
  const compute = values.step === undefined ? await stepSeconds(task, repeat, processes) : number("step");
  const parameters = BestRq.countParameters(configure(task));
  const { copy, gradients } = await gradientSeconds(task, repeat, processes);
  const cost: StepCost = { compute, copy, bytes: 4 * parameters, bucketBytes };
  const sums = processes.size > 1 ? await sumSeconds(processes) : [];
  await processes.close();
  if (processes.rank > 0) return;
  const found = sums.length > 0 ? [fitNetwork(`measured, ${processes.size} processes`, processes.size, sums)] : [];
  const estimate: Estimate = {
    model: task,
    cost,
    ...(found.length > 0 && {
      measured: {
        processes: processes.size,
        sums,
        gradients,
        estimated: scaling(cost, found[0], [processes.size])[0].step - compute,
      },
    }),
    networks: [...found, ...given, ...assumedNetworks].map((one) => ({ ...one, steps: scaling(cost, one, counts) })),
  };
  tell(estimate, json);
  keep(estimate, out);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw wrong(name, `one of ${allowed.join(", ")}`, value);
}

const wrong = (name: string, rule: string, value: unknown) =>
  new RangeError(`Cannot estimate scaling: ${name} must be ${rule}, got ${value}`);
