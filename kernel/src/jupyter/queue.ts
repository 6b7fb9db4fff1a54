// Cells run one after another; an error can send those that wait away.

interface Waiting {
  run: () => Promise<void>;
  /** What to do instead; told whether the executor's death is why. */
  abort: (died: boolean) => Promise<void>;
}

export class ExecuteQueue {
  private waiting: Waiting[] = [];
  private running = false;

  /** Runs `run` when its turn comes, or `abort` if it is sent away before. Neither may reject. */
  add(run: Waiting["run"], abort: Waiting["abort"]): void {
    this.waiting.push({ run, abort });
    if (!this.running) this.work();
  }

  /** Sends away all that wait now; what comes later is run. */
  abort(died = false): void {
    this.waiting = this.waiting.map(({ abort }) => ({ run: () => abort(died), abort }));
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next.run();
    this.running = false;
  }
}
