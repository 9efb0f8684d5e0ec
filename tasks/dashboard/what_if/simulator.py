"""Simulations in the background, for all visitors of the dashboard: few at a time, the urgent ones first.

Visitors share threads and memory, never state: a question is a value, its answer follows from it alone, and
a worker's prepared simulation keeps nothing of a question. There are as many prepared simulations as workers,
so that ten visitors take no more memory than two.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from weakref import WeakKeyDictionary

import polars as pl

from settings import Scenario, settings_document
from tasks.simulation.prepared import Cancelled, PreparedSimulation
from tasks.studies.what_if import StartingPoint, figures
from tasks.system.files import scratch_folder

#: Simulations at the same time; each takes two threads for up to 30,000 employees.
WORKERS = 2
#: Figures of a move come before those of bands, which nobody waits for.
LIVE, BACKGROUND = 0, 1
#: A question that nobody has looked after for so long is dropped: its visitor has gone.
ABANDONED_SECONDS = 20.0
#: A worker that has had nothing to do for so long frees its memory.
IDLE_SECONDS = 600.0
#: Answers kept of a starting point, of a few kilobytes each.
KEPT = 500
#: Answers by what shapes the figures and by replicates, oldest first.
Answers = OrderedDict[tuple[str, range], pl.DataFrame]


@dataclass(eq=False)
class Question:
    """A scenario to be simulated, and what became of it. Only its worker changes it."""

    start: StartingPoint
    scenario: Scenario
    replicates: range
    urgency: int
    key: str
    answer: pl.DataFrame | None = None
    error: Exception | None = None
    years_done: int = 0
    began: float | None = None
    seconds: float | None = None  # that it took; None if the answer was known
    is_cancelled: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    looked_at: float = field(default_factory=time.monotonic)
    place: int = 0  # in the order of asking

    @property
    def share(self) -> float:
        """The share of the years that are simulated."""
        return self.years_done / len(self.scenario.settings.simulation.years)

    def wait(self, seconds: float) -> bool:
        """Wait for the answer, at most so long; return whether it is there. Counts as looking after it."""
        self.looked_at = time.monotonic()
        return self.done.wait(seconds)

    def result(self) -> pl.DataFrame:
        """Return the rows of `figures`. Raises the simulation's error."""
        if self.error is not None:
            raise self.error
        if self.answer is None:
            raise Cancelled
        return self.answer


class Simulator:
    """A queue of questions and the threads that answer them."""

    def __init__(self, workers: int = WORKERS) -> None:
        """Start the threads; they end with the process."""
        self._workers = workers
        self._changed = threading.Condition()
        self._queue: list[Question] = []
        self._running: dict[int, Question] = {}
        self._prepared: dict[int, tuple[StartingPoint, PreparedSimulation]] = {}
        self._answers: WeakKeyDictionary[StartingPoint, Answers] = WeakKeyDictionary()
        self._seconds: WeakKeyDictionary[StartingPoint, float] = WeakKeyDictionary()
        self._numbers = count()
        for number in range(workers):
            threading.Thread(target=self._work, args=[number], name=f"what-if {number}", daemon=True).start()

    def ask(
        self, start: StartingPoint, scenario: Scenario, replicates: range, urgency: int = LIVE
    ) -> Question:
        """Queue a question, or answer it at once if the same was asked before."""
        question = Question(start, scenario, replicates, urgency, _content(scenario))
        with self._changed:
            question.place = next(self._numbers)
            known = self._answers.get(start, Answers()).get((question.key, replicates))
            if known is not None:
                question.answer = known
                question.done.set()
                return question
            self._queue.append(question)
            self._changed.notify_all()
        return question

    def cancel(self, *questions: Question) -> None:
        """Drop questions that were not answered yet, and interrupt those at work."""
        with self._changed:
            for question in questions:
                question.is_cancelled = True
                if question in self._queue:
                    self._queue.remove(question)
                    question.done.set()
                for worker, running in self._running.items():
                    if running is question and worker in self._prepared:
                        self._prepared[worker][1].interrupt()

    def seconds_of(self, start: StartingPoint) -> float | None:
        """Return how long the newest simulation of one replicate took; None before there was one."""
        return self._seconds.get(start)

    def ahead_of(self, question: Question) -> int:
        """Return the number of urgent questions that come before this one; 0 if it is at work."""
        with self._changed:
            if question not in self._queue:
                return 0
            before = [
                one for one in self._queue if (one.urgency, one.place) < (question.urgency, question.place)
            ]
            return len(before) + sum(one.urgency == LIVE for one in self._running.values())

    def _work(self, worker: int) -> None:
        while True:
            question = self._next(worker)
            began = time.monotonic()
            try:
                answer = self._simulate(worker, question)
                with self._changed:
                    answers = self._answers.setdefault(question.start, Answers())
                    answers[question.key, question.replicates] = answer
                    while len(answers) > KEPT:
                        answers.popitem(last=False)
                question.answer, question.seconds = answer, time.monotonic() - began
                if question.urgency == LIVE:
                    self._seconds[question.start] = question.seconds
            except Cancelled:
                question.is_cancelled = True
            except Exception as error:  # noqa: BLE001 - raised by `result`, where the visitor waits
                question.error = error
            finally:
                with self._changed:
                    del self._running[worker]
                    self._changed.notify_all()
                question.done.set()

    def _simulate(self, worker: int, question: Question) -> pl.DataFrame:
        with self._changed:
            held = self._prepared.get(worker)
            if held is None or held[0] is not question.start:
                if held is not None:
                    held[1].close()
                held = question.start, question.start.prepared(_scratch())
                self._prepared[worker] = held
            held[1].resume()
            if question.is_cancelled:
                raise Cancelled

        def on_year(_year: int) -> None:
            question.years_done += 1

        return figures(held[1].ask(question.scenario, question.replicates, on_year))

    def _next(self, worker: int) -> Question:
        """Wait for the question that this worker answers next."""
        with self._changed:
            while True:
                self._drop_abandoned()
                question = self._choice(worker)
                if question is not None:
                    self._queue.remove(question)
                    self._running[worker] = question
                    question.began = time.monotonic()
                    return question
                if not self._changed.wait(IDLE_SECONDS) and worker in self._prepared:
                    self._prepared.pop(worker)[1].close()

    def _choice(self, worker: int) -> Question | None:
        """Return the most urgent question, of those the one whose input this worker has prepared.

        The first worker answers urgent questions only, so that its statements stay planned for the next move
        and a lever never waits for bands.
        """
        urgent = [one for one in self._queue if one.urgency == LIVE]
        if not urgent:
            if worker == 0 and self._workers > 1:
                return None
            urgent = self._queue
        if not urgent:
            return None
        mine = self._prepared.get(worker)
        elsewhere = [
            start
            for other, (start, _) in self._prepared.items()
            if other not in self._running and other != worker and urgent[0].urgency == LIVE
        ]

        def preference(question: Question) -> tuple[int, int]:
            if mine is not None and question.start is mine[0]:
                return 0, question.place
            return (2 if any(question.start is start for start in elsewhere) else 1), question.place

        best = min(urgent, key=preference)
        if preference(best)[0] == 2:  # an idle worker has it prepared, and is woken by the same notice
            return None
        return best

    def _drop_abandoned(self) -> None:
        limit = time.monotonic() - ABANDONED_SECONDS
        for question in [one for one in self._queue if one.looked_at < limit]:
            question.is_cancelled = True
            self._queue.remove(question)
            question.done.set()


@dataclass
class Bands:
    """Replicates of baseline and what-if, asked in small parts so that no lever waits long for them."""

    simulator: Simulator
    parts: Sequence[tuple[Question, Question]]  # baseline, what-if

    @classmethod
    def ask(
        cls, simulator: Simulator, start: StartingPoint, scenario: Scenario, replicates: int, at_once: int
    ) -> "Bands":
        """Ask for the run's first replicates of both; `at_once` of them are simulated together."""
        first = start.first_replicate.start
        ranges = [
            range(begin, min(begin + at_once, first + replicates))
            for begin in range(first, first + replicates, at_once)
        ]
        return cls(
            simulator,
            [
                (
                    simulator.ask(start, start.scenario, part, BACKGROUND),
                    simulator.ask(start, scenario, part, BACKGROUND),
                )
                for part in ranges
            ],
        )

    @property
    def questions(self) -> list[Question]:
        """All parts of both."""
        return [question for pair in self.parts for question in pair]

    def look(self) -> tuple[int, int]:
        """Return how many of how many parts are done. Counts as looking after them."""
        return sum(question.wait(0) for question in self.questions), len(self.questions)

    @property
    def is_cancelled(self) -> bool:
        """Whether a part was dropped."""
        return any(question.is_cancelled for question in self.questions)

    def rows(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the rows of baseline and what-if. Raises the error of a part."""
        return (
            pl.concat(baseline.result() for baseline, _ in self.parts),
            pl.concat(changed.result() for _, changed in self.parts),
        )

    def cancel(self) -> None:
        """Drop the parts that are not done."""
        self.simulator.cancel(*(question for question in self.questions if not question.done.is_set()))


@cache
def simulator() -> Simulator:
    """Return the simulator of this process."""
    return Simulator()


@cache
def _scratch() -> Path:
    return scratch_folder("what-if")


def _content(scenario: Scenario) -> str:
    """Return what shapes a scenario's figures: two with equal settings have equal figures."""
    return repr(settings_document(scenario.settings))
