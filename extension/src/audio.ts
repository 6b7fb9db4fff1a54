// A recording to hear.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import { audioMimeType } from "./mimeTypes";
import { trans } from "./translation";

export class AudioFigure extends Widget implements IRenderMime.IRenderer {
  constructor() {
    super();
    this.addClass("bestrq-audio");
  }

  async renderModel({ data }: IRenderMime.IMimeModel): Promise<void> {
    const given = data[audioMimeType];
    const encoded = (Array.isArray(given) ? given.join("") : String(given)).replace(/\s+/g, "");
    const label = String(data["text/plain"] ?? trans.__("recording"));
    if (!/^[A-Za-z0-9+/]+=*$/.test(encoded)) {
      this.node.textContent = trans.__("%1 cannot be played: its data is not base64.", label);
      return;
    }
    const audio = document.createElement("audio");
    audio.controls = true;
    audio.preload = "metadata";
    audio.src = `data:${audioMimeType};base64,${encoded}`;
    audio.setAttribute("aria-label", label);
    const caption = document.createElement("span");
    caption.textContent = label;
    this.node.replaceChildren(caption, audio);
  }
}
