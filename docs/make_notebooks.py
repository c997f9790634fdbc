"""Run the notebooks in docs/notebooks and store what they print: `python docs/make_notebooks.py`.

Widgets are not stored: they show themselves where a notebook is opened and run.
"""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent / "notebooks"
NOTEBOOKS = ("convert", "train", "explain", "lab")
WIDGET = "application/vnd.jupyter.widget-view+json"


def run(notebook: Path) -> nbformat.NotebookNode:
    """Return an executed notebook; a cell that fails raises CellExecutionError. Its files go into a new folder."""
    opened = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(opened, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
        with ThreadPoolExecutor(1) as thread:  # it may run inside a loop, as in a test after Playwright's
            thread.submit(asyncio.run, client.async_execute()).result()
    return opened


def printed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return an executed notebook without widgets, times and versions, so that the same run gives the same file."""
    notebook.metadata = {"language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if WIDGET not in one.get("data", {})]
    return notebook


def main() -> None:
    """Run all, and store them."""
    for name in NOTEBOOKS:
        file = FOLDER / f"{name}.ipynb"
        nbformat.write(printed(run(file)), file)
        print(f"wrote {file}")


if __name__ == "__main__":
    main()
