"""E6xx: the way through a feature."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E601",
        "A command is never reached",
        "GIVE ends the flow, so what stands after it never runs. Move it before the GIVE.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir
NOTIFY me ABOUT "It is open"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
NOTIFY me ABOUT "It is open"
GIVE choir
""",
    ),
    Page(
        "E602",
        "A promised output is not given",
        "OUTPUT promises what GIVE gives, on every way through the feature.",
        """
FEATURE: Open a choir
OUTPUT:
  - choir: the new choir
  - badge: text of the badge
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir
""",
        """
FEATURE: Open a choir
OUTPUT:
  - choir: the new choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir
""",
    ),
    Page(
        "E603",
        "An output is there twice",
        "Each result has a name of its own.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir, choir
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir
""",
    ),
    Page(
        "E604",
        "Features use each other in a circle",
        "A feature that uses itself, or one that uses it again, would never come to an end. Put "
        "what both need into a third feature, or repeat with FOR EACH.",
        """
FEATURE: Call out
USE FEATURE Echo

FEATURE: Echo
USE FEATURE Call out
""",
        """
FEATURE: Call out
USE FEATURE Echo

FEATURE: Echo
NOTIFY me ABOUT "Echo"
""",
    ),
    Page(
        "E605",
        "A condition never holds",
        "No value can be what is asked for, by itself or after what was asked before. A CHECK of "
        "it always ends the feature, and what stands under an IF is never done.",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
CHECK singers is between 40 and 8
NOTIFY me ABOUT "A choir comes"
""",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
CHECK singers is between 8 and 40
NOTIFY me ABOUT "A choir comes"
""",
    ),
    Page(
        "E606",
        "Something is done with what is not there",
        "What is deleted, or was found not to exist, can't be changed, connected or deleted. Do "
        "what is to be done with it first, or on the way where it is there.",
        """
FEATURE: Close a choir
INPUT:
  - choir: which community
DELETE choir
TAG choir WITH topic:closed
""",
        """
FEATURE: Close a choir
INPUT:
  - choir: which community
TAG choir WITH topic:closed
DELETE choir
""",
    ),
    Page(
        "E610",
        "An input is never used",
        "Nothing in the feature reads this input. Use it, or take it out.",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
  - mood: text of the mood
NOTIFY guest ABOUT "Hello"
""",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E611",
        "Steps are not numbered one after the other",
        "STEP 1 comes first, and each number follows the one before.",
        """
FEATURE: Begin
STEP 1 Look:
  NOTIFY me ABOUT "Look"
STEP 3 Sing:
  NOTIFY me ABOUT "Sing"
""",
        """
FEATURE: Begin
STEP 1 Look:
  NOTIFY me ABOUT "Look"
STEP 2 Sing:
  NOTIFY me ABOUT "Sing"
""",
    ),
    Page(
        "E612",
        "A wait without an end",
        "What is waited for may never come. Without TIMEOUT the wait ends after 30 days.",
        """
FEATURE: Wait for it
INPUT:
  - fan: who pays
WAIT until payment completed
NOTIFY fan ABOUT "Thank you"
""",
        """
FEATURE: Wait for it
INPUT:
  - fan: who pays
WAIT until payment completed TIMEOUT after 7 days
NOTIFY fan ABOUT "Thank you"
""",
    ),
    Page(
        "E613",
        "A feature sets itself off",
        "What it does is what it waits for, so it would run again and again, eight times deep at "
        "most. Ask for something narrower in WHEN.",
        """
FEATURE: Echo
WHEN a course is created
CREATE course called "Another one"
""",
        """
FEATURE: Echo
WHEN a course is created
NOTIFY me ABOUT "Another one"
""",
    ),
    Page(
        "E614",
        "A condition always holds",
        "There is nothing that it would stop or keep out. Leave it out, or ask for what you mean.",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
CHECK singers is at least 8
CHECK singers is at least 4
NOTIFY me ABOUT "A choir comes"
""",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
CHECK singers is at least 8
NOTIFY me ABOUT "A choir comes"
""",
    ),
    Page(
        "E615",
        "Both ways do the same",
        "Whether the condition holds makes no difference. Leave it out, or do something else on "
        "one of the ways.",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
IF singers is more than 40 THEN
  NOTIFY me ABOUT "A choir comes"
ELSE
  NOTIFY me ABOUT "A choir comes"
""",
        """
FEATURE: Seat a choir
INPUT:
  - singers: how many
IF singers is more than 40 THEN
  NOTIFY me ABOUT "A large choir comes"
ELSE
  NOTIFY me ABOUT "A choir comes"
""",
    ),
)
