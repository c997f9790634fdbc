"""Measurements of results against their truths."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile

from repix import registry
from repix.evaluation.pair_batch import plan_measurements
from repix.settings import parameters_schema
from repix.studio.pair_measurement import PairMeasurement
from repix.studio.routes._state import add_job, folder_of_job, read_options, uploads_of

router = APIRouter()

Metrics = Annotated[list[str] | None, Form(description="Metrics, see /metrics; none: all that fit.")]
Options = Annotated[str, Form(description='Options of the metrics as a JSON object, such as {"scale": 2}.')]


@router.get("/metrics")
def metrics() -> list[dict[str, Any]]:
    """Return the metrics, with their options as JSON Schema."""
    found = []
    for name in registry.available("metrics"):
        metric = registry.get("metrics", name)
        found.append(
            {
                "name": name,
                "summary": registry.summary("metrics", name),
                "unit": metric.unit,
                "better": metric.better,
                "needs": list(metric.arrays),
                "options": parameters_schema(metric.function),
            }
        )
    return found


@router.post("/measure", status_code=202)
def measure(
    result: UploadFile, truth: UploadFile, request: Request, metric: Metrics = None, options: Options = "{}"
) -> dict[str, Any]:
    """Start a measurement; its result is the JSON that `repix measure RESULT TRUTH --json` prints."""
    with folder_of_job(request) as folder:
        given = read_options(options)
        chosen = [one for one in metric or () if one]
        plan = plan_measurements(chosen, given, 2, every=not chosen)
        uploads = uploads_of(request)
        kept = uploads.keep(result, folder, "result", "The result")
        against = uploads.keep(truth, folder, "truth", "The truth")
        return add_job(PairMeasurement(kept, against, plan, given), request).to_dict()
