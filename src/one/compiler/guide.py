"""The page of docs/ from which a creator or a developer learns to write features.

What can be told from the compiler is: its commands with their spellings, clauses and examples.
"""

from collections.abc import Iterator

from one.compiler.bind.triggers import happenings
from one.compiler.grammar import CLAUSES, Verb
from one.compiler.verbs import grammar

_START = """# Writing features

<!-- Written by `one docs`; change the code, not this page. -->

A feature is a text. It has a name, and below it the commands, one on a line, in the order in
which they are done:

```one
FEATURE: Reward loyal listeners

INPUT:
  - fan: who finished
  - course: which course
  - minutes: how many they listened (at least 30)

CHECK fan exists
  OTHERWISE say "Please sign up first"
REWARD fan WITH 10 tokens
NOTIFY fan ABOUT "[minutes] minutes of [course], well done" VIA email
GIVE success
```

`one check FILE` reads it back to you in plain sentences, with everything that it took for
granted, and says where it does not understand you; `one simulate FILE` tries it where nothing
is kept. What is a mistake, and how to mend it: [diagnostics.md](diagnostics.md). Every thing,
relation and event there is: [ontology.md](ontology.md). What CALL can do:
[services.md](services.md).

## What needs no thought

- Capitals, bullets, numbers, Markdown emphasis, blank lines and indentation are free. `#` begins a
  remark. Indent, or bullet, what belongs to an IF or a FOR EACH; without that it takes one command.
- `a`, `the`, hyphens, spaces and capitals in names don't matter: `video links` is `videoLinks`.
- `my` and `me` are you, `they` and `them` the person last spoken of, `it` the thing.
- `"Hello [fan]"` puts a name's value into a text.

## What goes in and what comes out

Under INPUT stands a name, a colon and what it is. The words say the kind:

| words | kind |
|---|---|
| who is buying | a person |
| which course, the video, course ID | a thing of that type |
| how many, number of seats | a whole number |
| price in dollars, how much they pay, how many dollars | money |
| which percent, discount | a percentage |
| date, deadline, when it starts | a moment |
| how long, duration | a length of time |
| whether they agree | yes or no |
| list of links | a list |
| anything else | text |

In parentheses: `(optional)`, `(default 1)`, `(at least 3)`, `(between 1 and 5)`,
`(one of: email, sms)`.
OUTPUT reads the same; without it, what GIVE gives comes out.

## When it runs

Without more, when somebody calls it. `EVERY DAY at 9am and 6pm`, `EVERY MONDAY and THURSDAY`,
`EVERY WEEKDAY`, `EVERY MONTH on the 15th`, `EVERY DECEMBER 24`, `EVERY 15 minutes` let it run by
itself; so does WHEN, with what happened:

{happenings}

```one
FEATURE: Welcome a member
WHEN a fan joins my community
SEND "Good that you are here, [fan]!" TO fan
WAIT 3 days
IF fan has not completed a lesson
  SEND "Shall I show you around?" TO fan
```

## What can be asked

`exists`, `does not exist`, `is empty`, `is at least / at most / more than / less than / between
… and …`, `is`, `is not`, `is one of`, `contains`, `starts with`, `failed`, `succeeded`; `owns`,
`holds`, `has`, `follows`, `is enrolled in`, `is a member of`, `has completed` and every other
relation, also how many: `has completed at least 3 lessons this week`; joined by `and`, `or`, `not`
and parentheses.

```one
FEATURE: Open the back room
INPUT:
  - fan: who wants in
  - room: which community
CHECK fan holds at least 50 tokens and fan follows me
  OTHERWISE say "Follow me and hold 50 tokens first"
IF fan is not a member of room
  CONNECT fan to room as member
GIVE success
```

## What can be found

`my newest course`, `last 10 messages with the fan`, `top 5 posts by views`, `students enrolled
in the course`, `my customers who bought this week`, `drafts older than 90 days`, `number of
followers`, `total revenue of last week`, `posts ABOUT breathing`, `the course's lessons`,
`fan's token balance`; by how many there are: `my courses with more than 10 students`, `fans who own
at least 3 courses`, `lessons nobody finished`.

```one
FEATURE: My week
EVERY SUNDAY at 6pm
GET my customers who bought this week SAVE AS buyers
GET top 5 posts by views SAVE AS best
FOR EACH buyer IN buyers
  SEND "Thank you!" TO buyer
CALL OpenAI to sum up the week in two sentences WITH best
  RETRY 2 times
  IF IT FAILS say "No summary today"
  SAVE AS summary as text
SEND summary TO me
```

Amounts: `$99`, `95%`, `10 million`, `24 hours`, `9am`, `8pm Friday`; `10% of price`, `price
times 2`.

## The commands

A command takes the clauses that stand beside it, on its line or on the next ones.
"""

_END = """
## For developers

The same program has a Technical spelling, JSON or a JavaScript-like literal; either becomes the
other without loss: `one translate FILE --to technical`, `--to english`. The compiler is pure:
the same text gives the same bytes, no model is asked. `one words PHRASE` searches everything it
knows, `one lsp` serves an editor, `POST /api/check` answers as `one check --format json` does.
`DEFINE super fans AS people WHERE they hold more than 1,000 tokens` teaches a project a phrase,
in `words.one` for all of it.
"""


def describe() -> str:
    """The whole page."""
    sentences = (f"`{one}`" for one in happenings())
    said = _START.replace("{happenings}", ", ".join(sentences) + ".")
    commands = (line for verb in grammar().verbs.values() for line in _command(verb))
    return said + "\n" + "\n".join(commands) + "\n" + _END


def _command(verb: Verb) -> Iterator[str]:
    yield from (f"### {verb.name}", "", verb.says)
    if also := [phrase for phrase in verb.phrases if phrase != verb.name]:
        yield f"Also: {', '.join(also)}."
    if taken := [name for name in CLAUSES if name in verb.clauses]:
        yield f"Takes {', '.join(taken)}."
    yield from ("", "```one", verb.example.strip(), "```", "")
