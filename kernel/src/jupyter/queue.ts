// Cells run one after another; an error can send those that wait away.

export class ExecuteQueue {
  private waiting: Array<{ run: () => Promise<void>; abort: () => Promise<void> }> = [];
  private running = false;

  /** Runs `run` when its turn comes, or `abort` if it is sent away before. Neither may reject. */
  add(run: () => Promise<void>, abort: () => Promise<void>): void {
    this.waiting.push({ run, abort });
    if (!this.running) this.work();
  }

  /** Sends away all that wait now; what comes later is run. */
  abort(): void {
    this.waiting = this.waiting.map(({ abort }) => ({ run: abort, abort }));
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next.run();
    this.running = false;
  }
}
