// What the pointer is on, as text beside it.

export class Tooltip {
  readonly node = document.createElement("div");

  constructor(private readonly host: HTMLElement) {
    this.node.className = "bestrq-figure-tooltip";
    this.node.setAttribute("role", "status");
    this.node.hidden = true;
    host.append(this.node);
  }

  show(lines: readonly string[], pointer: Pick<MouseEvent, "clientX" | "clientY">): void {
    this.node.textContent = lines.filter(Boolean).join("\n");
    this.node.hidden = false;
    const box = this.host.getBoundingClientRect();
    const [x, y] = [pointer.clientX - box.left, pointer.clientY - box.top];
    const left = x + 16 + this.node.offsetWidth > box.width ? x - this.node.offsetWidth - 12 : x + 16;
    this.node.style.left = `${Math.max(0, left)}px`;
    this.node.style.top = `${Math.max(0, y - this.node.offsetHeight - 8)}px`;
  }

  /** Says something to a screen reader alone. */
  say(words: string): void {
    this.node.textContent = words;
    this.node.hidden = true;
  }

  hide(): void {
    this.node.hidden = true;
  }
}
