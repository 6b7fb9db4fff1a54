import { curves, type DisplayHandle, display, displaySymbol, progress } from "../figures";
import type { PretrainStep } from "./pretrain";
import type { Signature } from "./signatures";

const pauseMs = 250;

/**
 * Shows pre-training while it runs: a progress bar with the time left, and below it the loss and the masked accuracy of
 * every model, against chance. What goes wrong stands below them, as soon as it is told.
 *
 * @example
 * const view = new train.TrainingView({ steps: 60 * models.length });
 * for (const model of models)
 *   for await (const step of train.pretrain(model, batches, { steps: 60 })) view.add(model.config.mixer, step);
 */
export class TrainingView {
  private readonly steps = new Map<string, PretrainStep[]>();
  private readonly total: number;
  private readonly began = performance.now();
  private readonly bar: DisplayHandle;
  private readonly plot: DisplayHandle;
  private readonly told: string[] = [];
  private notes?: DisplayHandle;
  private shownAt = 0;
  private done = 0;
  private before = 0;

  /** Shows an empty bar and empty curves at once. `steps` is how many there will be, over all models. */
  constructor({ steps }: { readonly steps: number }) {
    this.total = steps;
    this.bar = display(this.barFigure(""));
    this.plot = display(this.plotFigure());
  }

  /** Adds one step of the model of that name. The figures follow a few times a second. */
  add(name: string, step: PretrainStep & { readonly signatures?: readonly Signature[] }): void {
    const steps = this.steps.get(name);
    if (steps) steps.push(step);
    else {
      this.steps.set(name, [step]);
      this.before += step.step - 1; // of a run that goes on
    }
    this.done++;
    if (step.signatures) this.tell(name, step.signatures);
    const now = performance.now();
    if (this.before + this.done < this.total && now - this.shownAt < pauseMs) return;
    this.shownAt = now;
    this.bar.update(this.barFigure(`${name}, loss ${step.loss.toFixed(2)}`));
    this.plot.update(this.plotFigure());
  }

  private tell(name: string, signatures: readonly Signature[]): void {
    for (const { step, message } of signatures) this.told.push(`${name}, step ${step}: ${message}`);
    const lines = { "text/markdown": this.told.join("\n\n"), "text/plain": this.told.join("\n") };
    const shown = { [displaySymbol]: () => lines };
    if (this.notes) this.notes.update(shown);
    else this.notes = display(shown);
  }

  private barFigure(note: string) {
    const seconds = (performance.now() - this.began) / 1000;
    return progress({
      title: "Pre-training",
      before: this.before,
      done: this.before + this.done,
      total: this.total,
      seconds,
      note,
    });
  }

  private plotFigure() {
    const series = (pick: (step: PretrainStep) => number) =>
      [...this.steps].map(([name, steps]) => {
        const [x, y] = [steps.map(({ step }) => step), smooth(steps.map(pick))].map(thinned);
        return { name, x, y };
      });
    const chances = [...this.steps.values()].slice(0, 1).map(([{ chance }]) => chance);
    const reference = (value: (chance: number) => number) =>
      chances.map((chance) => ({ name: "chance", y: value(chance) }));
    return curves({
      title: "Pre-training: guessing the codes of masked frames",
      x: { label: "step" },
      facets: [
        {
          y: { label: "loss (nats)" },
          series: series(({ loss }) => loss),
          references: reference((chance) => -Math.log(chance)),
        },
        {
          y: { label: "masked accuracy" },
          series: series(({ accuracy }) => accuracy),
          references: reference((chance) => chance),
        },
      ],
    });
  }
}

const mostPoints = 500;

/** Means of neighbours, where there are more values than a curve can show; the last one stands for itself. */
function thinned(values: readonly number[]): number[] {
  const each = Math.ceil(values.length / mostPoints);
  if (each === 1) return [...values];
  const means: number[] = [];
  for (let from = 0; from < values.length - 1; from += each) {
    const some = values.slice(from, Math.min(from + each, values.length - 1));
    means.push(some.reduce((sum, value) => sum + value, 0) / some.length);
  }
  return [...means, values[values.length - 1]];
}

/** The mean of each value and up to four before it: single batches of a few seconds jump. */
const smooth = (values: readonly number[]): number[] =>
  values.map((_, index) => {
    const window = values.slice(Math.max(0, index - 4), index + 1);
    return window.reduce((sum, value) => sum + value, 0) / window.length;
  });
