"""E1xx: the shape of a text."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E101",
        "There is no feature here",
        "A text holds features, and each begins with FEATURE: and its name. Without a name it has "
        "no address, and nothing can call it.",
        """
NOTIFY me ABOUT "Good morning"
""",
        """
FEATURE: Say good morning
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E102",
        "A quote is not closed",
        "What stands between quotes is text, and a quote ends on the line it began on. Close it "
        'with ". A long text may go on in a second quoted text.',
        """
FEATURE: Say good morning
NOTIFY me ABOUT "Good morning
""",
        """
FEATURE: Say good morning
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E103",
        "A bracket is not closed",
        "What a bracket opens is closed on its line. A name between [ and ] stands for its value.",
        """
FEATURE: Open a room
INPUT:
  - topic: text of the topic
CREATE community called [topic room
""",
        """
FEATURE: Open a room
INPUT:
  - topic: text of the topic
CREATE community called [topic] room
""",
    ),
    Page(
        "E104",
        "A part is not written yet",
        "A line of dots says that something is still to come. Write it, or take the line out.",
        """
FEATURE: Say good morning
NOTIFY me ABOUT "Good morning"
...
""",
        """
FEATURE: Say good morning
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E105",
        "A clause has no command that takes it",
        "A clause such as WITH, RETRY or SAVE AS belongs to the command before it, and each "
        "command takes only some. The reason names the commands that take this one.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  RETRY 3 times
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary "We sing before work"
""",
    ),
    Page(
        "E106",
        "A part of a block has no head",
        "ELSE belongs to an IF, IF ANY FAIL to DO TOGETHER, IF IT FAILS and ALWAYS DO to TRY. "
        "With nothing indented an IF takes one command: indent what belongs to it.",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
ELSE NOTIFY me ABOUT "Nobody came"
""",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
IF guest follows me THEN NOTIFY guest ABOUT "Hello"
ELSE NOTIFY me ABOUT "Nobody came"
""",
    ),
    Page(
        "E107",
        "A feature needs a name with letters or digits",
        "The address of a feature is made of its name, in lower case, words joined by _. So the "
        "name needs at least one letter or digit.",
        """
FEATURE: !!!
NOTIFY me ABOUT "Good morning"
""",
        """
FEATURE: Good morning!
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E108",
        "A line, a feature or a text is too long",
        "A line holds at most 4,000 characters, a feature 500 commands and a text a million "
        "characters. Write long things in several lines, several features and several files.",
        'FEATURE: Say a lot\nNOTIFY me ABOUT "' + "word " * 800 + '"\n',
        'FEATURE: Say less\nNOTIFY me ABOUT "a word"\n',
    ),
    Page(
        "E109",
        "Tabs and spaces are mixed",
        "How far a line is indented says what it belongs to. A tab counts as four columns here, "
        "which may look different in your editor: use one of the two.",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
 \tNOTIFY follower ABOUT "Hello"
""",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
    NOTIFY follower ABOUT "Hello"
""",
    ),
    Page(
        "E111",
        "A feature does nothing yet",
        "A feature needs at least one command, such as CREATE, GET or NOTIFY.",
        """
FEATURE: Good plans
INPUT:
  - guest: who comes in
""",
        """
FEATURE: Good plans
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E112",
        "A block is empty",
        "IF, FOR EACH, TRY, DO TOGETHER, STEP and their like hold commands: indent at least one "
        "under them, or list it with a bullet.",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
""",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
  NOTIFY follower ABOUT "Hello"
""",
    ),
    Page(
        "E113",
        "Blocks lie too deep in each other",
        "Up to 24 blocks may lie in each other. Make a feature of its own of the inner ones and "
        "call it with USE FEATURE.",
        "FEATURE: Deep\nINPUT:\n  - guest: who comes in\n"
        + "".join(f"{'  ' * n}IF guest has {n + 1} tokens THEN\n" for n in range(24))
        + "  " * 24
        + "DELETE guest\n",
        """
FEATURE: Deep
INPUT:
  - guest: who comes in
IF guest exists THEN
  NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E114",
        "Braces around commands",
        "Other languages put what belongs to a command in curly braces. Here it is indented under "
        "it, by two spaces or more, and nothing closes it.",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
IF guest exists {
  NOTIFY guest ABOUT "Hello"
}
""",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
IF guest exists
  NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E115",
        "A table of commands",
        "Commands stand on lines of their own, one below the other, and not in the cells of a "
        "table. The fix takes the cells that hold commands.",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
| Step | What to do |
|------|------------|
| 1 | NOTIFY guest ABOUT "Hello" |
""",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E116",
        "Commands in another language",
        "The words that commands begin with are English ones: INPUT, WHEN, SEND. What you name, "
        "and what is said to people, may be in any language.",
        """
FEATURE: Saludo
ENTRADA:
  - guest: who comes in
ENVIAR "Hola" A guest
""",
        """
FEATURE: Saludo
INPUT:
  - guest: who comes in
SEND "Hola" TO guest
""",
    ),
    Page(
        "E117",
        "Program code among the commands",
        "A feature is written in plain English, one command on a line, and not in JSON, SQL, "
        "JavaScript or Python.",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
print(guest)
""",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
SHOW guest
""",
    ),
    Page(
        "E118",
        "Two commands on one line",
        "Each command stands on a line of its own, or behind an AND.",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
REWARD guest WITH 5 tokens NOTIFY guest ABOUT "Five tokens"
""",
        """
FEATURE: Greet a guest
INPUT:
  - guest: who comes in
REWARD guest WITH 5 tokens
NOTIFY guest ABOUT "Five tokens"
""",
    ),
)
