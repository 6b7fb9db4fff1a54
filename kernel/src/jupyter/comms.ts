// Which comms are open, for whoever asks. Their messages only pass through here.

/** What a comm message has in its content. */
interface CommContent {
  comm_id?: unknown;
  target_name?: unknown;
}

export class Comms {
  private readonly targets = new Map<string, string>();

  /** Notes a comm message, whichever way it goes. */
  note(type: string, content: CommContent): void {
    if (type === "comm_open") this.targets.set(String(content.comm_id), String(content.target_name));
    if (type === "comm_close") this.targets.delete(String(content.comm_id));
  }

  /** comm_info_reply for the comms of `target`, of all targets without. */
  reply(target: unknown): { status: "ok"; comms: Record<string, { target_name: string }> } {
    const open = [...this.targets].filter(([, name]) => target === undefined || target === null || name === target);
    return { status: "ok", comms: Object.fromEntries(open.map(([id, target_name]) => [id, { target_name }])) };
  }

  /** Forgets all comms but those of the target `kept`, and names them. */
  clear(kept: string): string[] {
    const ids = [...this.targets].filter(([, name]) => name !== kept).map(([id]) => id);
    for (const id of ids) this.targets.delete(id);
    return ids;
  }
}
