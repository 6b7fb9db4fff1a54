"""Runs a notebook to its end, telling how it goes.

usage: run_notebook.py NOTEBOOK OUT

Writes OUT/<name>.ipynb, OUT/<name>.html and every figure as OUT/figures/<name>-<cell>-<k>.svg (or .png), also when a
cell failed. Exits 1 then, naming the cell and its error.
"""

import base64
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary


def run(client: NotebookClient) -> str | None:
    """Executes cell by cell; returns what went wrong, None if nothing did."""
    cells = [(i, cell) for i, cell in enumerate(client.nb.cells) if cell.cell_type == "code" and cell.source.strip()]
    client.reset_execution_trackers()
    with client.setup_kernel():
        for number, (index, cell) in enumerate(cells, 1):
            first = cell.source.strip().splitlines()[0][:70]
            print(f"[{number}/{len(cells)}] {first}", end=" ", flush=True)
            start = time.monotonic()
            try:
                client.execute_cell(cell, index)
            except (CellExecutionError, DeadKernelError) as error:
                print(f"failed after {time.monotonic() - start:.1f} s", flush=True)
                reason = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
                return f"cell {number} of {len(cells)} ({first}): {reason}"
            print(f"{time.monotonic() - start:.1f} s", flush=True)
    return None


def write_figures(nb: nbformat.NotebookNode, folder: Path, name: str) -> int:
    """Every picture among the outputs, as a file named after the notebook and its cell."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-[0-9][0-9]-*"):
        old.unlink()
    count = 0
    codes = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(codes, 1):
        bundles = [output.data for output in cell.outputs if "data" in output]
        pictures = [bundle for bundle in bundles if "image/svg+xml" in bundle or "image/png" in bundle]
        for k, bundle in enumerate(pictures, 1):
            path = folder / f"{name}-{number:02}-{k}"
            if "image/svg+xml" in bundle:
                path.with_suffix(".svg").write_text(bundle["image/svg+xml"], encoding="utf-8")
            if "image/png" in bundle:
                path.with_suffix(".png").write_bytes(base64.b64decode(bundle["image/png"]))
            count += 1
    return count


def main() -> int:
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    start = time.monotonic()
    nb = nbformat.read(source, as_version=4)
    client = NotebookClient(nb, timeout=None, resources={"metadata": {"path": str(source.parent)}})
    failure: str | None = "it was interrupted"
    try:
        failure = run(client)
    except KeyboardInterrupt:
        pass
    finally:
        out.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, out / source.name)
        NotebookNotary().sign(nb)  # the user ran it: JupyterLab then shows its pictures instead of their text
        (out / source.with_suffix(".html").name).write_text(HTMLExporter().from_notebook_node(nb)[0], encoding="utf-8")
        count = write_figures(nb, out / "figures", source.stem)
    if failure:
        print(f"Cannot run {source.name} to its end: {failure}", file=sys.stderr)
        return 1
    print(f"Ran {source.name} in {time.monotonic() - start:.0f} s: {out / source.name}, {count} figures in {out / 'figures'}")
    return 0


sys.exit(main())
