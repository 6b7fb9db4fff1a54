// Exports for a front end, which has the numbers of a figure but neither fonts nor PDF: it sends them and gets a file.
import { type Comm, host } from "../display";
import { theme } from "../theme";
import { figureIn } from "./open";
import { exported, isFormat } from "./save";

const exportTarget = "bestrq.export";

/** Answers `{ format, widthMm, dpi }` and a figure's Arrow bytes with `{ error }` or the bytes of a file. */
export function serveExports(): void {
  host()?.registerTarget(exportTarget, (comm, request, buffers) => void answer(comm, request, buffers));
}

async function answer(comm: Comm, request: unknown, [bytes]: Uint8Array[]): Promise<void> {
  try {
    const { format, widthMm, dpi } = request as { format?: unknown; widthMm?: number; dpi?: number };
    if (!isFormat(format) || !bytes) throw new Error("the request names no format, or brings no figure");
    const content = await exported(figureIn(bytes), format, { ...theme("paper"), widthMm, dpi });
    const file = content instanceof Uint8Array ? content : Buffer.from([...content].join(""));
    comm.send({}, [file]);
  } catch (error) {
    comm.send({ error: error instanceof Error ? error.message : String(error) });
  }
  comm.close();
}
