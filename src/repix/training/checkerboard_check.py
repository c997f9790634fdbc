"""Checkerboard check: the score of the network at each validation, and of the model at the end, against a limit."""

import copy
import math
from pathlib import Path

import torch
from torch import nn

from repix.audit import Audit, audit_model
from repix.audit.graph import graph_of as audited_graph
from repix.audit.model_audit import audit_graph
from repix.conversion import Contract
from repix.conversion.model_loader import engine_for
from repix.errors import RepixError
from repix.tasks import Task
from repix.training.export import folded, for_graph, graph_of

COLUMN = "checkerboard (dB)"
"""The column of the score in metrics.csv."""


class CheckerboardCheck:
    """The audits of a training; none if there is no limit, or the network has no upsampling."""

    def __init__(self, limit: float, stops: bool, contract: Contract, task: Task) -> None:
        self.limit, self.contract, self.task = limit, contract, task
        self.stops = stops
        """True if a score above the limit stops the training; otherwise it only warns."""
        self.needed = math.isfinite(limit)
        """True if the network is to be audited."""

    def row(self, network: nn.Module) -> dict[str, float]:
        """Return the column of a validation; empty without a score. Weights and random state do not change."""
        found = self._audit(network) if self.needed else None
        self.needed = self.needed and (found is None or bool(found.prediction.layers))
        return {} if found is None or found.score is None or not self.needed else {COLUMN: found.score}

    def exceeded(self, score: float | None) -> bool:
        """Return whether a score is above the limit."""
        return score is not None and score > self.limit

    def warning(self, step: int, score: float | None, ended: bool = False) -> str | None:
        """Return a warning if a score is above the limit; it says if the training stops, unless it has `ended`."""
        if score is None or not self.exceeded(score):
            return None
        consequence = "; the training stops (audit_stops)" if self.stops and not ended else ""
        return f"warning: step {step}: {_said(score)}, above the limit of {self.limit:g} dB (audit_above){consequence}."

    def conclusion(self, model: Path) -> str | None:
        """Return a sentence about the finished model; None without upsampling, or without a limit."""
        if not math.isfinite(self.limit):
            return None
        try:
            found = audit_model(model)
        except RepixError as problem:
            return f"The checkerboard score of {model} is unknown: {problem}"
        if found.score is None:
            return found.verdict
        if not found.prediction.layers:
            return None
        against = "within" if found.score <= self.limit else "above"
        return f"{model}: {_said(found.score)}, {against} the limit of {self.limit:g} dB (audit_above)."

    def _audit(self, network: nn.Module) -> Audit | None:
        """Return the audit of a copy of the network; None if it fails."""
        plain = copy.deepcopy(network).to("cpu", torch.float32).eval().requires_grad_(requires_grad=False)
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                content = graph_of(for_graph(folded(plain), self.task), self.contract)
            graph = audited_graph(Path(self.contract.network), content, self.contract)
            return audit_graph(graph, None, levels=(0.0, 1.0), engine=engine_for("auto"))
        except RepixError:
            return None


def _said(score: float) -> str:
    return f"the checkerboard score is {score:.1f} dB"
