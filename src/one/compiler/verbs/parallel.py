"""DO AT SAME TIME: several things side by side."""

from one.compiler.bind.session import Branch, Reading
from one.compiler.grammar import Body, Command, Verb
from one.compiler.program import Step
from one.compiler.vocabulary import camel


def read(command: Command, reading: Reading) -> None:
    """One branch per command; each saves its own names."""
    if not command.body:
        reading.error(
            "E112", "DO AT SAME TIME what? There is no command under it.", at=command.span
        )
    branches: dict[str, list[Step]] = {}
    read_ones: list[Branch] = []
    owners: dict[str, str] = {}
    for number, part in enumerate(command.body, 1):
        branch = reading.block([part])
        outputs = [step.output for step in branch.steps if step.output]
        name = camel(outputs[-1]) if outputs else f"branch{number}"
        branches[name if name not in branches else f"{name}{number}"] = branch.steps
        for key, bound in branch.bound.items():
            if key in owners and bound.source == "saved" and part.clause("SAVE AS"):
                reading.error(
                    "E306",
                    f"“{bound.name}” is saved in two branches that run side by side.",
                    why="Give each branch a name of its own.",
                    at=bound.span,
                )
            owners[key] = bound.name
        read_ones.append(branch)
    reading.emit(Step(parallel=branches), command.span)
    for branch in read_ones:
        reading.keep(branch, lambda kind: kind)


VERBS = (
    Verb(
        name="DO AT SAME TIME",
        phrases=("DO AT THE SAME TIME", "DO ALL AT ONCE"),
        read=read,
        clauses=frozenset({"WAIT FOR ALL"}),
        body=Body.RUN,
        closers=("WAIT FOR ALL",),
        says="Does several things side by side.",
        example="""FEATURE: Two views
INPUT:
  - article: text to look at
DO AT SAME TIME:
  CALL OpenAI to summarize WITH article SAVE AS summary
  CALL OpenAI to identify the main claims WITH article SAVE AS claims
WAIT FOR ALL TO FINISH
GIVE summary, claims
""",
    ),
)
