// Each subshell runs its cells one after another, beside those of the others: while one awaits, another one's turn comes.
import { randomUUID } from "node:crypto";
import { ExecuteQueue } from "./queue";

export class Subshells {
  private readonly queues = new Map<string, ExecuteQueue>();
  private readonly main = new ExecuteQueue();

  /** Ids of the subshells; the main shell has none. */
  get ids(): string[] {
    return [...this.queues.keys()];
  }

  create(): string {
    const id = randomUUID();
    this.queues.set(id, new ExecuteQueue());
    return id;
  }

  /** Sends away what waits in a subshell, and forgets it. Tells whether there was one. */
  delete(id: string): boolean {
    this.queues.get(id)?.abort();
    return this.queues.delete(id);
  }

  /** The queue that a message is for, by the `subshell_id` of its header. */
  queue({ subshell_id: id }: { subshell_id?: string | null }): ExecuteQueue | undefined {
    return id === undefined || id === null ? this.main : this.queues.get(id);
  }
}
