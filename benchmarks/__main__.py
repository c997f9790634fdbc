"""`make bench`: run every benchmark that needs nothing but the project, one after another."""

import runpy
from pathlib import Path

for file in sorted(Path(__file__).parent.glob("*.py")):
    if file.stem not in ("__init__", "__main__", "timing"):
        print(f"== {file.stem}")
        try:
            runpy.run_module(f"benchmarks.{file.stem}", run_name="__main__")
        except SystemExit as ending:
            if ending.code:
                print("It needs pictures or trained runs; its docstring says which.")
