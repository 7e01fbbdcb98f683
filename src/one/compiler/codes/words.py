"""E2xx: commands, clauses and their pieces."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E201",
        "A command is misspelt",
        "Each line begins with a command or a clause. This one is almost one that ONE knows: the "
        "fix writes it.",
        """
FEATURE: Open a choir
CRAETE community called "Morning choir"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
""",
    ),
    Page(
        "E202",
        "A line begins with no known command",
        "Say what is to be done with one of the commands of ONE; `one words` lists them all. A "
        "remark begins with #.",
        """
FEATURE: Open a choir
Singing is good for everyone
CREATE community called "Morning choir"
""",
        """
FEATURE: Open a choir
# Singing is good for everyone
CREATE community called "Morning choir"
""",
    ),
    Page(
        "E203",
        "A clause is misspelt",
        "A clause goes with the command before it: WITH, SAVE AS, OTHERWISE and others. This is "
        "almost one of them: the fix writes it.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir" SAEV AS choir
GIVE choir
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir" SAVE AS choir
GIVE choir
""",
    ),
    Page(
        "E204",
        "A piece of a command is missing",
        "Each command needs its pieces: CALL a service, WAIT a time, SAVE AS a name. Add the one "
        "that is missing.",
        """
FEATURE: Take a break
WAIT
NOTIFY me ABOUT "Back to work"
""",
        """
FEATURE: Take a break
WAIT 15 minutes
NOTIFY me ABOUT "Back to work"
""",
    ),
    Page(
        "E205",
        "Some words of a command are not understood",
        "The command is clear, these words of it are not. Say it more plainly, or move them to a "
        "clause such as WITH.",
        """
FEATURE: Good morning
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello" VIA pigeon
""",
        """
FEATURE: Good morning
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello" VIA email
""",
    ),
    Page(
        "E206",
        "A property is misspelt",
        "What a type doesn't know is kept as a property of your own, but this is within one "
        "letter of one that the type has, so it is more likely a slip.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH sumary "We sing before work"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary "We sing before work"
""",
    ),
    Page(
        "E207",
        "GIVE could be a result or a gift",
        "GIVE ends a feature with its results, and it also gives tokens and access to people. "
        "With a person and a thing, say which you mean.",
        """
FEATURE: Hand over
INPUT:
  - guest: who comes in
  - report: which report
GIVE guest report
""",
        """
FEATURE: Hand over
INPUT:
  - guest: who comes in
  - report: which report
NOTIFY guest ABOUT "Your report is here"
GIVE report
""",
    ),
    Page(
        "E208",
        "What sets the feature off is not understood",
        "Write for example WHEN a fan completes a course, EVERY DAY at 9am, EVERY MONDAY and "
        "THURSDAY or EVERY 15 minutes. A feature has at most one of them.",
        """
FEATURE: Good morning
EVERY now and then
NOTIFY me ABOUT "Good morning"
""",
        """
FEATURE: Good morning
EVERY DAY at 9am
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E209",
        "An input or output is not understood",
        "Each line under INPUT and OUTPUT is a name, a colon and what it is.",
        """
FEATURE: Good morning
INPUT:
  - ???: who comes in
NOTIFY me ABOUT "Good morning"
""",
        """
FEATURE: Good morning
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Good morning"
""",
    ),
    Page(
        "E210",
        "A condition says nothing that can be true or false",
        "Say what must hold: exists, is at least 5, is empty, follows me, and so on. A name alone "
        "is a condition only when it is yes or no.",
        """
FEATURE: Good morning
INPUT:
  - guest: who comes in
CHECK 5
NOTIFY guest ABOUT "Good morning"
""",
        """
FEATURE: Good morning
INPUT:
  - guest: who comes in
CHECK guest exists
NOTIFY guest ABOUT "Good morning"
""",
    ),
    Page(
        "E211",
        "Rows can't be chosen by this condition",
        "WHERE compares a property of each row, or asks for a relation that it has.",
        """
FEATURE: My best courses
GET my courses WHERE "singing" is empty
  SAVE AS courses
GIVE courses
""",
        """
FEATURE: My best courses
GET my courses WHERE price is at least $20
  SAVE AS courses
GIVE courses
""",
    ),
    Page(
        "E212",
        "Money or tokens that the command doesn't move",
        "GIVE answers with results and gives tokens and access, SEND writes, REWARD gives "
        "tokens. A buyer's money is taken by a call of the payment service, and goes to those who "
        "own what is sold.",
        """
FEATURE: Thank the singer
INPUT:
  - singer: who sang
GIVE singer $20
""",
        """
FEATURE: Thank the singer
INPUT:
  - singer: who sang
  - song: which digital product
CONNECT singer to song as owner WITH share 30%
""",
    ),
    Page(
        "E213",
        "A number in parentheses sets no limit",
        "In parentheses after an input stand its limits: (at least 3), (at most 5), (between 1 and "
        "5), (one of: email, sms), (default 1), (optional). Anything else there is a remark.",
        """
FEATURE: Keep a table
INPUT:
  - seats: how many (4 a table)
GIVE seats
""",
        """
FEATURE: Keep a table
INPUT:
  - seats: how many (at most 4)
GIVE seats
""",
    ),
    Page(
        "E214",
        "A number is written in another way",
        "Write $5, $4.50 or $1,200: the currency first, a comma between thousands, a point before "
        "the cents, and no amount less than nothing.",
        """
FEATURE: Price it
INPUT:
  - song: which digital product
SET the song's price to $4,50
""",
        """
FEATURE: Price it
INPUT:
  - song: which digital product
SET the song's price to $4.50
""",
    ),
)
