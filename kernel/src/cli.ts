#!/usr/bin/env node
// The same things that a cell can do, from a shell.
import { parseArgs } from "node:util";

interface Command {
  /** Its arguments, as the help shows them. */
  usage: string;
  summary: string;
  run(args: string[]): void | Promise<void>;
}

const commands: Record<string, Command> = {
  install: {
    usage: "[--user | --system | --prefix DIR | --sys-prefix PYTHON] [--remove]",
    summary: "make Jupyter know the kernel, for the user if no place is named, and say where; or remove it from there",
    async run(args) {
      const options = {
        user: { type: "boolean" },
        system: { type: "boolean" },
        prefix: { type: "string" },
        "sys-prefix": { type: "string" },
        remove: { type: "boolean" },
      } as const;
      const { remove, ...place } = parseArgs({ args, options }).values;
      const { dataDirectory, installKernelspec, removeKernelspec } = await import("./jupyter/kernelspec.js");
      const folder = dataDirectory(place);
      console.log(remove ? removeKernelspec(folder) : installKernelspec(folder));
    },
  },
  kernel: {
    usage: "CONNECTION_FILE",
    summary: "run the kernel; JupyterLab does this",
    async run(args) {
      const [connectionFile] = parseArgs({ args, allowPositionals: true }).positionals;
      if (!connectionFile) throw new Error("Cannot run the kernel: name a connection file");
      const { runKernel } = await import("./jupyter/kernel.js");
      await runKernel(connectionFile);
    },
  },
  doctor: {
    usage: "[--json]",
    summary: "what this machine has, what is missing, and the command that adds it",
    async run(args) {
      const { json } = parseArgs({ args, options: { json: { type: "boolean" } } }).values;
      const { examine } = await import("./doctor.js");
      for (const finding of await examine()) {
        const { name, found, detail, remedy } = finding;
        if (json) console.log(JSON.stringify(finding));
        else
          console.log(`${found ? "ok     " : "missing"} ${name}: ${detail}${remedy ? `; to add it: ${remedy}` : ""}`);
      }
    },
  },
  verify: {
    usage: "DIR [--backend NAME] [--json]",
    summary: "compare our layers with every reference vector in a folder, outputs and gradients",
    async run(args) {
      const options = { backend: { type: "string" }, json: { type: "boolean" } } as const;
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      const [folder, ...others] = positionals;
      if (!folder || others.length > 0) throw new Error("Cannot verify: name one folder of reference vectors");
      const { runVerify } = await import("./verify/index.js");
      if (!(await runVerify(folder, values))) process.exitCode = 1;
    },
  },
  bench: {
    usage:
      "[forward|train|standard|matmul|report|ledger|efficiency|scaling|audio DIR] [--mixers NAME ..] [--size NAME] [--seconds N ..] [--batch N]\n" +
      "    [--backend NAME] [--threads N] [--repeat N] [--peer COMMAND] [--rounds N] [--out FILE|none] [--profile] [--json]",
    summary: "how fast the models are here, alone or in turns with another program; --profile: where their time goes",
    async run(args) {
      const { runBench } = await import("./bench/index.js");
      if (!(await runBench(args))) process.exitCode = 1;
    },
  },
  train: {
    usage:
      "--mixer NAME [--size NAME] --audio DIR [--steps N] --out RUN [--resume] [--validation DIR] [--seed N]\n" +
      "    [--recipe FILE.json] [--set FIELD=VALUE ..] [--backend NAME] [--json]",
    summary:
      "pre-train a model on a folder of speech; RUN keeps recipe, metrics and checkpoints, --resume goes on with it",
    async run(args) {
      const { runTrain } = await import("./train/index.js");
      const { statistics } = await import("./maps/index.js");
      const influence = { method: "estimate", projections: 4 } as const;
      const watched = (...of: Parameters<typeof statistics>) => statistics(of[0], of[1], { influence });
      await import("./profile/index.js"); // warns of what memory will not hold
      if (!(await runTrain(args, watched))) process.exitCode = 1;
    },
  },
  sweep: {
    usage:
      "DIR --audio DIR [--mixers NAME ..] [--sizes NAME ..] [--seeds N ..] [--time HH:MM:SS] [--partition NAME]\n" +
      "    [--account NAME] [--cpus N] [--gpus N] [--mem SIZE] [--ntasks N] [--at-once N] [-- ARGUMENTS OF TRAIN]; gather DIR [--json]",
    summary: "write many pre-training runs as a job array for Slurm; gather: what they came to, in one table",
    async run(args) {
      const { runSweep } = await import("./sweep/index.js");
      await runSweep(args);
    },
  },
  probe: {
    usage: "DIR [--mixers NAME ..] [--seeds N ..] [--steps N] [--backend NAME] [--out FILE] | --report [--out FILE]",
    summary: "pre-train tiny models on spoken digits and tell what linear probes find in them, beside random weights",
    async run(args) {
      const { runProbe } = await import("./probes/index.js");
      await runProbe(args);
    },
  },
  scan: {
    usage: "DIR [--out FILE] [--json]",
    summary:
      "list a folder's recordings, LibriSpeech's or any, in a manifest (default: DIR/manifest.arrow) to train on",
    async run(args) {
      const { runScan } = await import("./corpora/index.js");
      await runScan(args);
    },
  },
  figures: {
    usage: "convert DRAWING.svg OUTPUT.pdf|.png [--width MM] [--dpi N]",
    summary: "turn a drawing of a saved notebook into a PDF or PNG file",
    async run(args) {
      const { runFigures } = await import("./figures/index.js");
      await runFigures(args);
    },
  },
  plan: {
    usage: "[--mixers NAME ..] [--size NAME] [--seconds N ..] [--batch N] [--train] [--json]",
    summary: "how much memory and computing an input will take, without running it; --train: a whole training step",
    async run(args) {
      const { runPlan } = await import("./bench/index.js");
      runPlan(args);
    },
  },
};

function help(names = Object.keys(commands)): string {
  const lines = names.map((name) => `  bestrq ${name} ${commands[name].usage}\n      ${commands[name].summary}`);
  return ["Usage:", ...lines].join("\n");
}

const asksForHelp = (arg: string): boolean => arg === "--help" || arg === "-h";

async function main([name = "--help", ...args]: string[]): Promise<void> {
  if (asksForHelp(name)) return console.log(help());
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Error(`Cannot run ${name}: there is no such command. See bestrq --help`);
  const end = args.indexOf("--"); // what stands behind it goes to another command
  if (args.slice(0, end < 0 ? args.length : end).some(asksForHelp)) return console.log(help([name]));
  await command.run(args);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
