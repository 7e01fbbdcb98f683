"""E5xx: numbers, money, lists and what may be missing."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E501",
        "This may be missing",
        "One thing that is looked for may not be there, and what is saved in one branch is not "
        "saved in the other. Check that it exists before you use it.",
        """
FEATURE: Praise the newest course
GET my newest course
  SAVE AS course
PUBLISH course
""",
        """
FEATURE: Praise the newest course
GET my newest course
  SAVE AS course
CHECK course exists
  OTHERWISE say "There is no course yet"
PUBLISH course
""",
    ),
    Page(
        "E502",
        "A value is of another kind",
        "A text is no number, a person is no list, a thing is no price. Give what is asked for.",
        """
FEATURE: Greet
INPUT:
  - guest: who comes in
FOR EACH one IN guest
  NOTIFY me ABOUT "Hello"
""",
        """
FEATURE: Greet
INPUT:
  - guests: list of people
FOR EACH guest IN guests
  NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E503",
        "Two currencies",
        "Amounts of two currencies can't be compared or added; there is no rate here.",
        """
FEATURE: Compare
IF $5 is more than €5 THEN NOTIFY me ABOUT "More"
""",
        """
FEATURE: Compare
INPUT:
  - price: price in dollars
IF price is more than $5 THEN NOTIFY me ABOUT "More"
""",
    ),
    Page(
        "E504",
        "An amount is finer than its currency",
        "Money is counted in the smallest coin, so dollars have two decimals and yen none.",
        """
FEATURE: Price it
INPUT:
  - course: which course
SET the course's price to $9.999
""",
        """
FEATURE: Price it
INPUT:
  - course: which course
SET the course's price to $9.99
""",
    ),
    Page(
        "E505",
        "An input can't be changed",
        "Inputs stay what the caller sent. Save a new value under another name, or change a "
        "property of a thing.",
        """
FEATURE: Count
INPUT:
  - visits: how many
ADD 1 TO visits
GIVE visits
""",
        """
FEATURE: Count
INPUT:
  - visits: how many
SET total to visits plus 1
GIVE total
""",
    ),
    Page(
        "E506",
        "Money and a plain number",
        "Money is added to money, and multiplied or divided by a number. A computed number has no "
        "currency: begin with an amount of money.",
        """
FEATURE: Price it
INPUT:
  - course: which course
  - seats: how many
SET the course's price to seats times 3
""",
        """
FEATURE: Price it
INPUT:
  - course: which course
  - seats: how many
SET the course's price to seats times $3
""",
    ),
    Page(
        "E507",
        "Two kinds are compared",
        "Only like can be compared with like: money with money, a number with a number.",
        """
FEATURE: Compare
INPUT:
  - price: price in dollars
  - title: text of the title
CHECK price is more than title
NOTIFY me ABOUT "More"
""",
        """
FEATURE: Compare
INPUT:
  - price: price in dollars
CHECK price is more than $5
NOTIFY me ABOUT "More"
""",
    ),
    Page(
        "E512",
        "No time of day",
        "Write 9am, 8:30pm or 17:45.",
        """
FEATURE: Good morning
EVERY DAY at 27:80
NOTIFY me ABOUT "Good morning"
""",
        """
FEATURE: Good morning
EVERY DAY at 7:30
NOTIFY me ABOUT "Good morning"
""",
    ),
    Page(
        "E520",
        "A number is taken as money",
        "A plain number beside money is taken in the project's currency.",
        """
FEATURE: Price it
INPUT:
  - course: which course
SET the course's price to 20
""",
        """
FEATURE: Price it
INPUT:
  - course: which course
SET the course's price to $20
""",
    ),
    Page(
        "E521",
        "This may be missing, and is left out then",
        "In WITH and in results a value that is not there is left out. Check it first when it "
        "matters.",
        """
FEATURE: Note it
INPUT:
  - summary: text of it (optional)
CREATE community called "Morning choir"
  WITH summary
""",
        """
FEATURE: Note it
INPUT:
  - summary: text of it
CREATE community called "Morning choir"
  WITH summary
""",
    ),
)
