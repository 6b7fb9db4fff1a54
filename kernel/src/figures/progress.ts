// How far a long computation is.
import { type Displayable, type DisplayHandle, display, displaySymbol, host } from "./display";
import { card, element, faint, text } from "./svg";
import { duration } from "./units";

export interface ProgressOptions {
  readonly title: string;
  /** Steps done. */
  readonly done: number;
  /** Steps in all. */
  readonly total: number;
  /** Seconds since the first step began; gives the time left. */
  readonly seconds?: number;
  /** Steps that were done before, and took none of these seconds (default: none). */
  readonly before?: number;
  /** More to tell, such as the loss. */
  readonly note?: string;
}

/**
 * A progress bar, to be shown again as it grows.
 *
 * @example
 * const bar = display(figures.progress({ title: "mhsa", done: 0, total: 60 }));
 * bar.update(figures.progress({ title: "mhsa", done: 12, total: 60, seconds: 3.1, note: "loss 5.32" }));
 */
export function progress({ title, done, total, seconds, before = 0, note }: ProgressOptions): Displayable {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const told = [`${done} of ${total}`];
  if (seconds !== undefined) told.push(duration(seconds));
  if (seconds !== undefined && done > before && share < 1)
    told.push(`${duration((seconds * (total - done)) / (done - before))} left`);
  if (note) told.push(note);
  const line = told.join(" · ");
  return {
    [displaySymbol]: () => ({
      "image/svg+xml": barSvg(title, share, line),
      "text/plain": `${title} ${"█".repeat(Math.round(share * 20)).padEnd(20, "░")} ${line}`,
    }),
  };
}

const waitMs = 2000;
const pauseMs = 250;

/**
 * Gives a function to call as work goes on. In a notebook, work that takes longer than two seconds then shows a progress
 * bar that follows it; outside of notebooks nothing is shown.
 *
 * @example
 * const tell = figures.lateProgress("Loading speech", 3000);
 * tell(1200, "12 minutes of speech");
 */
export function lateProgress(title: string, total: number): (done: number, note?: string) => void {
  const began = performance.now();
  let bar: DisplayHandle | undefined;
  let due = began + waitMs;
  return (done, note) => {
    const now = performance.now();
    const last = bar !== undefined && done === total;
    if (!host() || (now < due && !last)) return;
    due = now + pauseMs;
    const figure = progress({ title, done, total, seconds: (now - began) / 1000, note });
    bar = bar?.update(figure) ?? display(figure);
  };
}

function barSvg(title: string, share: number, line: string): string {
  const [width, height] = [640, 58];
  const bar = { x: 14, y: 36, height: 8, rx: 4 };
  return card({ width, height }, { title, description: line }, [
    text(width - 14, 24, line, { "text-anchor": "end", fill: faint }),
    element("rect", { ...bar, width: width - 28, fill: "#e6eaef" }),
    element("rect", { ...bar, width: (width - 28) * share, fill: share === 1 ? "#009e73" : "#0072b2" }),
  ]);
}
