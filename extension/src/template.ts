// What a new experiment begins with.
import { trans } from "./translation";

type Cell = readonly [kind: "markdown" | "code", source: string];

/** A small notebook that runs as it is, from speech to where the memory goes. @param speech a folder of recordings */
export function experiment(speech: string): object {
  const cells: Cell[] = [
    [
      "markdown",
      `# ${trans.__("Experiment")}\n\n${trans.__("What changes when self-attention gives way to another mixer? Change the mixer below, and run all cells again.")}`,
    ],
    [
      "code",
      'import { audio, backend, BestRq, maps, profile, train } from "bestrq";\n\nawait backend.use("auto");\nbackend.status()',
    ],
    [
      "markdown",
      `## ${trans.__("Speech")}\n\n${trans.__("A folder of WAV or FLAC files: put your own in its place.")}`,
    ],
    ["code", `const speech = await audio.load(${JSON.stringify(speech)});\nspeech.utterances[0]`],
    [
      "markdown",
      `## ${trans.__("Model")}\n\n${trans.__("The mixer is one of %1; the size is one of %2.", "`mhsa`, `hypermixing`, `fastformer`, `summarymixing`, `mamba`", "`tiny`, `base`, `large`")}`,
    ],
    ["code", 'const model = new BestRq({ mixer: "summarymixing", size: "tiny", seed: 2024 });\nmodel'],
    ["markdown", `## ${trans.__("Pre-training")}`],
    [
      "code",
      [
        "const steps = 20;",
        "const batches = new train.FeatureBatches(speech.utterances, { batchSize: 4, seed: 2024 });",
        "const view = new train.TrainingView({ steps });",
        "for await (const step of train.pretrain(model, batches, { steps, seed: 2024 })) view.add(model.config.mixer, step);",
      ].join("\n"),
    ],
    ["markdown", `## ${trans.__("Which frame hears which")}`],
    ["code", "await maps.mixerMap(model, batches.features[0], { layer: 1 })"],
    ["markdown", `## ${trans.__("Where the memory goes")}`],
    [
      "code",
      [
        "const batch = batches.next();",
        "await profile.memory(() => train.forwardBackward(model, batch).dispose(), {",
        '  title: "One forward and backward pass",',
        "  held: model.entries(),",
        "})",
      ].join("\n"),
    ],
  ];
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "bestrq", display_name: "TypeScript (BEST-RQ)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    cells: cells.map(([cell_type, source], index) => ({
      cell_type,
      id: `experiment-${index}`,
      metadata: {},
      source,
      ...(cell_type === "code" ? { execution_count: null, outputs: [] } : {}),
    })),
  };
}
