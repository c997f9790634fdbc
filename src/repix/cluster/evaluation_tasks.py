"""Tasks of an evaluation, in a worker process: convert an example and measure the result."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from repix.batch.work import Advance
from repix.cluster.shipment import Shipment
from repix.evaluation.evaluator import Measured
from repix.evaluation.selection import Evaluation, EvaluationOptions, EvaluationTask, prepare


@dataclass(frozen=True)
class Examiner:
    """An evaluation that was prepared in this process: its folder is read, its models are open."""

    evaluation: Evaluation

    @classmethod
    def of(cls, options: EvaluationOptions) -> "Examiner":
        """Prepare the evaluation."""
        return cls(prepare(options))

    def __call__(self, task: EvaluationTask, advance: Advance) -> Measured:
        """Convert and measure an example."""
        advance()
        return self.evaluation.measured(task)


def evaluation_of(options: EvaluationOptions) -> Shipment:
    """Return the shipment for an evaluation, whose models get a thread in each worker process."""
    return Shipment(partial(Examiner.of, replace(options, threads=1)), folder=str(Path.cwd()))
