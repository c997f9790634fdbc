"""The checkerboards of the bundled models: python -m benchmarks.audits.

Each model is audited as by `repix audit MODEL`. --only audits some models again; the others stay.
"""

import argparse
import json

from benchmarks.rows import Row
from benchmarks.timing import RESULTS, save
from repix.audit import audit_model
from repix.audit.report import Audit
from repix.models import catalog

NAME = "audits"


def audited(model: str) -> Row:
    """Return the scores of a model, and those of its uneven layers."""
    found = audit_model(model)
    scores = {one["inputs"]: round(one["score"], 1) for one in found.to_dict()["inputs"]}
    predicted = found.prediction.result
    return {
        "model": model,
        "score": None if found.score is None else round(found.score, 1),
        "predicted": None if predicted is None else round(predicted.score, 1),
        "constant": scores.get("constant"),
        "texture": scores.get("texture"),
        "uneven": uneven(found),
    }


def uneven(found: Audit) -> list[Row]:
    """Return period and scores of each layer that does not keep constants, the largest period first."""
    measured = {one.name: one.constant for one in found.measurement.layers} if found.measurement else {}
    rows = []
    for one in found.prediction.layers:
        after = measured.get(one.layer.output)
        if one.is_even is False and one.in_layer is not None and after is not None:
            scores = {"predicted": round(one.in_layer.score, 1), "measured": round(after.score, 1)}
            rows.append({"period": one.period, **scores})
    return sorted(rows, key=lambda one: -(one["period"] or 0))


def main() -> None:
    """Audit the models, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(catalog()), default=list(catalog()), metavar="MODEL")
    only = parser.parse_args().only
    file = RESULTS / f"{NAME}.json"
    old = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    known = {row["model"]: row for row in old}
    for model in only:
        known[model] = audited(model)
        print(f"{model}: {known[model]['score']} dB", flush=True)
    print(save(NAME, [known[model] for model in catalog() if model in known], ("numpy", "openvino")))


if __name__ == "__main__":
    main()
