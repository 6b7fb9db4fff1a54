// The tiles that a saved figure has no room for: while the kernel runs, a front end that zooms in asks for them.
import { randomUUID } from "node:crypto";
import { ipc } from "../arrow";
import { type Host, host } from "../display";
import { type PackedMap, type PackedTile, tileTable } from "./pack";

const mapTarget = "bestrq.map";

/** Bytes of tiles kept for all figures together; beyond, the oldest figures go. */
const mostKept = 256 * 2 ** 20;

interface Kept {
  readonly tiles: ReadonlyMap<string, PackedTile>;
  readonly bytes: number;
}

const kept = new Map<string, Kept>();
const served = new WeakSet<Host>();

/** Keeps the tiles of a figure for who asks. @returns the id to ask by; none outside a kernel */
export function keepTiles({ tiles }: PackedMap): string | undefined {
  const kernel = host();
  if (!kernel) return undefined;
  const id = randomUUID();
  const bytes = tiles.reduce((sum, tile) => sum + tile.bytes.length, 0);
  kept.set(id, { tiles: new Map(tiles.map((tile) => [nameOf(tile), tile])), bytes });
  let all = [...kept.values()].reduce((sum, figure) => sum + figure.bytes, 0);
  for (const [oldest, figure] of kept) {
    if (all <= mostKept || oldest === id) break;
    kept.delete(oldest);
    all -= figure.bytes;
  }
  serve(kernel);
  return id;
}

const nameOf = ({ panel, level, row, column }: Omit<PackedTile, "bytes">) => [panel, level, row, column].join();

// One target for all figures. A figure that is not kept here belongs to a kernel that is gone: closing says so.
function serve(kernel: Host): void {
  if (served.has(kernel)) return;
  served.add(kernel);
  kernel.registerTarget(mapTarget, (comm, data) => {
    const figure = kept.get(String((data as { id?: unknown } | null)?.id));
    if (!figure) return comm.close({ reason: "this figure is not kept" });
    comm.onMessage = (message) => {
      const wanted = (message as { tiles?: unknown } | null)?.tiles;
      const found = (Array.isArray(wanted) ? wanted : []).flatMap((tile) => figure.tiles.get(String(tile)) ?? []);
      comm.send({}, [ipc(tileTable(found), {})]);
    };
  });
}
