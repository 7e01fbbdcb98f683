"""What a run did, checked command by command in the words of the feature's own code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue
from typing_extensions import override

from one.runtime.durable.segment import Act as Doing
from one.runtime.durable.segment import Segment
from one.sdk.calling import PLAIN, How
from one.sdk.data import Data
from one.sdk.moments import PROJECT, moment
from one.sdk.run import Awaited
from one.sdk.standing import Standing
from one.sdk.values import Thing, Value, kept, plain
from one.workshop.rehearsal.script import LOOKS, Act, Script, said_of, waited_for


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `code` is that of a refusal, or the name of what it failed with."""

    status: str
    output: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    code: str = ""
    message: str = ""

    @property
    def told(self) -> str:
        return f"The run ended {self.status}: {self.code} {self.message}".strip()


class _Claimed(Segment):
    """Commands that must have been done; each gives what it gave then."""

    def __init__(self, script: Script, outcome: Outcome) -> None:
        super().__init__(None)
        self._script, self._outcome = script, outcome

    @override
    async def do(
        self, path: str, act: Doing, *, operation: str, given: JsonValue = None
    ) -> JsonValue:
        return kept(
            claim(self._script, path, operation=operation, given=given, outcome=self._outcome).value
        )


def claim(script: Script, path: str, *, operation: str, given: JsonValue, outcome: Outcome) -> Act:
    """The act at a path, which must be this one."""
    acts = [one for one in script.acts.get(path, []) if not one.claimed]
    assert acts, f"At {path} nothing was done; it should {operation} {given}. {outcome.told}"
    found = next((one for one in acts if one.operation == operation), acts[0])
    assert found.operation == operation, (
        f"At {path} the run did {found.operation}; it should {operation}."
    )
    assert found.given == given, (
        f"At {path} the run did {operation} with {found.given}; it should with {given}."
    )
    found.claimed = True
    return found


@dataclass(slots=True)
class Did(Data):
    """Says, in the order of the flow, what a run has to have done, with the verbs of its code: a
    verb fails when that was not done at its place with these values, and gives what it gave.

    `now` is the time of the run; a wait moves it on.
    """

    script: Script = field(default_factory=Script)
    outcome: Outcome = field(default_factory=lambda: Outcome("done"))
    author: Thing | None = None
    time: list[datetime] = field(default_factory=list[datetime])

    @classmethod
    def of(
        cls, script: Script, standing: Standing, *, outcome: Outcome, me: Thing, begun: datetime
    ) -> "Did":
        return cls(
            _Claimed(script, outcome),
            standing,
            script=script,
            outcome=outcome,
            author=me,
            time=[begun],
        )

    @property
    def me(self) -> Thing:
        assert self.author is not None
        return self.author

    @property
    def now(self) -> datetime:
        return self.time[-1]

    @property
    def today(self) -> datetime:
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def config(self, name: str) -> Value:
        """What a deployment has set."""
        return PROJECT.get(name)

    # --- what is no data command

    def _claim(self, path: str, operation: str, *given: Value) -> Act:
        said = [plain(one) for one in given]
        return claim(
            self.script,
            self.front + path,
            operation=operation,
            given=said,
            outcome=self.outcome,
        )

    async def call(
        self, path: str, what: str, *, params: Mapping[str, Value], how: How = PLAIN
    ) -> Value:
        """A service was called, and answered."""
        act = self._claim(path, what, dict(params), said_of(how))
        assert not act.failed, f"At {path} {what} failed: {act.value}"
        return act.value

    async def call_failed(
        self, path: str, what: str, *, params: Mapping[str, Value], how: How = PLAIN
    ) -> Value:
        """A service was called, and failed; the outcome of that."""
        act = self._claim(path, what, dict(params), said_of(how))
        assert act.failed, f"At {path} {what} went well; it should fail."
        return act.value

    async def feature(self, path: str, slug: str, *, given: Mapping[str, Value]) -> Value:
        """Another feature was run."""
        return self._claim(path, f"feature {slug}", dict(given)).value

    async def later(self, path: str, *, names: Mapping[str, Value], when: str = "") -> None:
        """A part went its own way."""
        self._claim(path, "later", dict(names), when)

    async def checkpoint(self, path: str, name: str, *, number: int | None = None) -> None:
        """It was told how far the run is."""
        self._claim(path, "checkpoint", name, number)

    async def wait(self, path: str, length: timedelta) -> None:
        """The run slept."""
        self._claim(path, "wait", length)
        self.time.append(self.now + length)

    def paused(self, length: timedelta) -> None:
        """Time went by between two tries."""
        self.time.append(self.now + length)

    async def wait_until(self, path: str, until: Value) -> None:
        """The run slept until a moment."""
        self._claim(path, "wait until", until)
        self.time.append(max(self.now, moment(until, self.now)))

    async def wait_for(
        self, path: str, event: Awaited, *, longest: timedelta = timedelta(days=30)
    ) -> Value:
        """The run waited for an event; what came."""
        act = self._claim(path, *waited_for(event, longest))
        if act.value is None:
            self.time.append(self.now + longest)
        return act.value

    # --- how it ended

    def gave(self, answer: Mapping[str, Value] | None = None) -> None:
        """The run went well, gave this, and did nothing else."""
        out = self.outcome
        assert out.status == "done", out.told
        expected = {key: _shown(one) for key, one in (answer or {}).items() if one is not None}
        given = {key: _seen(one) for key, one in out.output.items() if one is not None}
        assert given == expected, f"The run gave {given}; it should give {expected}."
        self._all_claimed()

    def refused(self, code: str) -> None:
        """The run ended with a refusal of this code, and did nothing else."""
        out = self.outcome
        assert out.status == "failed", f"It should refuse: {code}. {out.told}"
        assert out.code == code, f"The run was refused: {out.code}; it should be: {code}."
        self._all_claimed()

    def failed(self) -> None:
        """The run ended with what failed in it, and did nothing else."""
        out = self.outcome
        assert out.status == "failed", f"It should fail. {out.told}"
        self._all_claimed()

    def ended(self) -> None:
        """The run came to an end, whichever."""
        out = self.outcome
        assert out.status in ("done", "failed"), out.told

    def _all_claimed(self) -> None:
        for path, acts in self.script.acts.items():
            for act in acts:
                assert act.claimed or act.operation.startswith(LOOKS), (
                    f"At {path} the run also did {act.operation} with {act.given}."
                )


def _shown(value: Value) -> JsonValue:
    """A value as an answer is compared: a thing by its id."""
    return _seen(plain(value))


def _seen(json: JsonValue) -> JsonValue:
    match json:
        case {"id": str(id), "type": str(), "name": str()}:
            return id
        case dict():
            return {key: _seen(one) for key, one in json.items()}
        case list():
            return [_seen(one) for one in json]
        case _:
            return json
