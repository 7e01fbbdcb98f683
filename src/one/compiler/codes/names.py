"""E3xx: names and what they stand for."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E301",
        "A name is not known",
        "A name comes from INPUT, from the trigger or from SAVE AS on an earlier line. This one "
        "is like one that is known.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
NOTIFY me ABOUT "It is open"
GIVE chior
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
        "E302",
        "A name is used before it is saved",
        "Commands run from top to bottom. Move the command that saves this name up, or this one "
        "down.",
        """
FEATURE: Open a choir
INPUT:
  - guest: who comes in
CONNECT guest to choir as member
CREATE community called "Morning choir"
  SAVE AS choir
""",
        """
FEATURE: Open a choir
INPUT:
  - guest: who comes in
CREATE community called "Morning choir"
  SAVE AS choir
CONNECT guest to choir as member
""",
    ),
    Page(
        "E303",
        "A name only exists inside its block",
        "The name of a FOR EACH stands for one item after the other and ends with the loop. "
        "Indent the line to make it part of the loop.",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
  NOTIFY follower ABOUT "Hello"
TAG follower WITH topic:singing
""",
        """
FEATURE: Greet my followers
FOR EACH follower IN my followers
  NOTIFY follower ABOUT "Hello"
  TAG follower WITH topic:singing
""",
    ),
    Page(
        "E304",
        "They or it could be several, or nobody",
        "They, them and their mean a person named before, it and this a thing. Here more than one "
        "could be meant, or none. Say the name.",
        """
FEATURE: Introduce two people
INPUT:
  - host: who invites
  - guest: who comes
NOTIFY them ABOUT "Nice to meet you"
""",
        """
FEATURE: Introduce two people
INPUT:
  - host: who invites
  - guest: who comes
NOTIFY guest ABOUT "Nice to meet you"
NOTIFY host ABOUT "Your guest is here"
""",
    ),
    Page(
        "E305",
        "Nothing says what this is",
        "Nothing declares this name and no type is called so. Declare it under INPUT, save it on "
        "an earlier line, or put quotes around it when it is text.",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
NOTIFY guest ABOUT "Hello"
GIVE wibble
""",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
  - wibble: text to hand back
NOTIFY guest ABOUT "Hello"
GIVE wibble
""",
    ),
    Page(
        "E306",
        "Two branches side by side save the same name",
        "The branches of DO AT SAME TIME run together, so neither comes last. Give each result a "
        "name of its own.",
        """
FEATURE: Write two ways
INPUT:
  - notes: text of the notes
DO AT SAME TIME:
  - CALL OpenAI to summarize WITH notes SAVE AS text
  - CALL OpenAI to translate WITH notes SAVE AS text
WAIT FOR ALL TO FINISH
GIVE text
""",
        """
FEATURE: Write two ways
INPUT:
  - notes: text of the notes
DO AT SAME TIME:
  - CALL OpenAI to summarize WITH notes SAVE AS short
  - CALL OpenAI to analyze WITH notes SAVE AS thoughts
WAIT FOR ALL TO FINISH
GIVE short, thoughts
""",
    ),
    Page(
        "E307",
        "Two features have one name",
        "The name of a feature is its address, so it can be there only once. Capitals and "
        "punctuation make no difference.",
        """
FEATURE: Good morning
NOTIFY me ABOUT "Good morning"

FEATURE: Good Morning!
NOTIFY me ABOUT "Good morning again"
""",
        """
FEATURE: Good morning
NOTIFY me ABOUT "Good morning"

FEATURE: Good morning again
NOTIFY me ABOUT "Good morning again"
""",
    ),
    Page(
        "E308",
        "Several could be meant",
        "More than one thing in this feature fits what you wrote. Choose one of the answers.",
        """
FEATURE: Print a photo
CALL publish post WITH "My photo"
""",
        """
FEATURE: Print a photo
CALL Instagram to publish post WITH "My photo"
""",
    ),
    Page(
        "E309",
        "A thing has no such property",
        "What stands after 's is a property of the thing, a relation of it, or a noun such as "
        "followers or token balance. `one words` and the ontology list them.",
        """
FEATURE: Show the price
INPUT:
  - course: which course
GIVE the course's wingspan
""",
        """
FEATURE: Show the price
INPUT:
  - course: which course
GIVE the course's price
""",
    ),
    Page(
        "E310",
        "An input is there twice",
        "Each input has a name of its own.",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
  - guest: who was invited
NOTIFY guest ABOUT "Hello"
""",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
  - host: who invited them
NOTIFY guest ABOUT "Hello"
NOTIFY host ABOUT "Your guest is here"
""",
    ),
    Page(
        "E321",
        "A name is taken as an input",
        "A feature without INPUT, WHEN or EVERY takes the people and things it only names as "
        "inputs. Write INPUT to say more about them.",
        """
FEATURE: Welcome
NOTIFY the student ABOUT "Hello"
""",
        """
FEATURE: Welcome
INPUT:
  - student: who comes in
NOTIFY student ABOUT "Hello"
""",
    ),
    Page(
        "E322",
        "“My …” is taken as your newest",
        "You may have several things of this type. The newest active one is taken.",
        """
FEATURE: Open my course
INPUT:
  - guest: who comes in
CONNECT guest to my course as enrolled
""",
        """
FEATURE: Open a course
INPUT:
  - guest: who comes in
  - course: which course
CONNECT guest to course as enrolled
""",
    ),
    Page(
        "E323",
        "A loose word is given a meaning",
        "Recent, top, best, high and low have a meaning here: newest first within 30 days and at "
        "most 50; the first five by engagement; above or below the average.",
        """
FEATURE: News
GET my recent posts
  SAVE AS posts
GIVE posts
""",
        """
FEATURE: News
GET my last 10 posts
  SAVE AS posts
GIVE posts
""",
    ),
    Page(
        "E324",
        "After the loop a name is a list",
        "A name saved in a loop is saved once for each item. After the loop it is the list of "
        "them all.",
        """
FEATURE: Sum up
INPUT:
  - chapters: list of texts
FOR EACH chapter IN chapters
  CALL OpenAI to summarize WITH chapter
    SAVE AS summary
GIVE summary
""",
        """
FEATURE: Sum up
INPUT:
  - chapters: list of texts
FOR EACH chapter IN chapters
  CALL OpenAI to summarize WITH chapter
NOTIFY me ABOUT "All summed up"
""",
    ),
    Page(
        "E325",
        "A result is added to the outputs",
        "GIVE names something that OUTPUT does not list. It is added.",
        """
FEATURE: Open a choir
OUTPUT:
  - choir: the new choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir, me
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
        "E326",
        "The token is taken to be the owner's",
        "No token is named. The one of the feature's owner is taken.",
        """
FEATURE: Thank a fan
INPUT:
  - fan: who helped
REWARD fan WITH 10 tokens
""",
        """
FEATURE: Thank a fan
INPUT:
  - fan: who helped
  - token: which token
REWARD fan WITH 10 token
""",
    ),
    Page(
        "E327",
        "What SAVE keeps",
        "SAVE keeps a text as a knowledge item. Things are kept when they are created, so saving "
        "them again does nothing more.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
SAVE choir
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  SAVE AS choir
GIVE choir
""",
    ),
)
