// Stands in the side bar for the memory view, whose code is fetched when it is first seen.
import type { Message } from "@lumino/messaging";
import { PanelLayout, Widget } from "@lumino/widgets";
import { memoryIcon } from "../icons";
import { trans } from "../translation";

export class MemoryPanel extends Widget {
  constructor(private readonly load: () => Promise<Widget>) {
    super();
    this.id = "bestrq-memory-panel";
    this.addClass("bestrq-memoryPanel");
    this.title.icon = memoryIcon;
    this.title.caption = trans.__("Memory of the kernel in use");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", this.title.caption);
    this.layout = new PanelLayout();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.#fill();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void this.#fill().then(() => (this.layout as PanelLayout).widgets[0]?.activate());
  }

  async #fill(): Promise<void> {
    try {
      this.#loading ??= this.load();
      const view = await this.#loading;
      if (view.parent === this) return;
      this.node.textContent = "";
      (this.layout as PanelLayout).addWidget(view);
    } catch (error) {
      this.#loading = undefined; // another try when it is next seen
      this.node.textContent = trans.__("The memory panel cannot be shown: its code could not be fetched (%1).", error);
    }
  }

  #loading: Promise<Widget> | undefined;
}
