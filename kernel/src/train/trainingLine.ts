import { duration } from "../figures";
import type { MetricsSink, StepMetrics } from "./metrics";
import type { Recipe } from "./recipe";

const pauseMs = 250;
const pauseOfLogMs = 10_000;

/** A run in a terminal: one line that is written again a few times a second; in a log, a line every ten seconds. */
export class TrainingLine implements MetricsSink {
  private readonly began = performance.now();
  private first = 0;
  private shownAt = Number.NEGATIVE_INFINITY;
  private validation = "";

  constructor(
    private readonly recipe: Pick<Recipe, "steps">,
    private readonly stream: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  /** Says that so many steps were done before: they do not count in the time left. */
  begin(step: number): void {
    this.first = step;
  }

  add(metrics: StepMetrics): void {
    const { step, loss, accuracy, audioPerSecond, validationLoss, signatures = [] } = metrics;
    const { steps } = this.recipe;
    for (const { message } of signatures) this.write(`step ${step}: ${message}\n`);
    if (validationLoss !== undefined) this.validation = `, validation ${validationLoss.toFixed(3)}`;
    const now = performance.now();
    const pause = this.stream.isTTY ? pauseMs : pauseOfLogMs;
    if (step < steps && now - this.shownAt < pause) return;
    this.shownAt = now;
    const seconds = (now - this.began) / 1000;
    const left = (seconds / (step - this.first)) * (steps - step);
    const percent = (100 * accuracy).toFixed(1);
    const told = [
      `step ${step} of ${steps}`,
      `loss ${loss.toFixed(3)}${this.validation}`,
      `accuracy ${percent} %`,
      `${Math.round(audioPerSecond)} s of audio a second`,
      step < steps ? `${duration(left)} left` : duration(seconds),
    ];
    this.write(told.join(" · ") + (this.stream.isTTY ? "" : "\n"));
  }

  close(): void {
    if (this.stream.isTTY && this.shownAt > 0) this.stream.write("\n");
  }

  private write(text: string): void {
    this.stream.write(`${this.stream.isTTY ? "\r\x1b[K" : ""}${text}`);
  }
}
