"""E4xx: types, relations, events and what they may say."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E401",
        "A type is not known",
        "CREATE makes a thing of one of ONE's types, such as course, community or product; `one "
        "words` lists them. A project adds its own in ontology.toml.",
        """
FEATURE: Open a choir
CREATE comunitty called "Morning choir"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
""",
    ),
    Page(
        "E402",
        "A relation is not known",
        "CONNECT ties two things by a relation that ONE knows, said with a word such as owner, "
        "member, enrolled or author.",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - community: which one
CONNECT guest to community as wizard
""",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - community: which one
CONNECT guest to community as member
""",
    ),
    Page(
        "E403",
        "A relation does not fit its ends",
        "Each relation goes from some types to others: a person is enrolled in a course, not in a "
        "report.",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - report: which report
CONNECT guest to report as enrolled
""",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - course: which course
CONNECT guest to course as enrolled
""",
    ),
    Page(
        "E404",
        "Several relations would fit",
        "Say as what the two are connected; the answers are the relations that fit.",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - course: which course
CONNECT guest to course
""",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - course: which course
CONNECT guest to course as enrolled
""",
    ),
    Page(
        "E405",
        "A name is empty",
        "A thing needs a name to be found by.",
        """
FEATURE: Open a choir
CREATE community called ""
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
""",
    ),
    Page(
        "E406",
        "A type has no such status",
        "The life of each type has its own stages, and this is none of them.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH status "sleepy"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH status "active"
""",
    ),
    Page(
        "E407",
        "A tag category is not known",
        "A tag is a word, or a category and a word, such as topic:breathing.",
        """
FEATURE: Sort a course
INPUT:
  - course: which course
TAG course WITH colour:breathing
""",
        """
FEATURE: Sort a course
INPUT:
  - course: which course
TAG course WITH topic:breathing
""",
    ),
    Page(
        "E408",
        "Something is connected to itself",
        "A relation goes from one thing to another.",
        """
FEATURE: Follow
INPUT:
  - guest: who comes in
CONNECT guest to guest as follower
""",
        """
FEATURE: Follow
INPUT:
  - guest: who comes in
CONNECT guest to me as follower
""",
    ),
    Page(
        "E409",
        "A token balance can't be set",
        "Tokens are added or taken, so that none appear or vanish unseen.",
        """
FEATURE: Fill up
INPUT:
  - fan: who helped
SET fan's token balance to 100
""",
        """
FEATURE: Fill up
INPUT:
  - fan: who helped
ADD 100 TO fan's token balance
""",
    ),
    Page(
        "E410",
        "Nothing of this name can happen",
        "RECORD writes down one of the events that ONE knows, such as course completed or content "
        "shared; `one words` lists them.",
        """
FEATURE: Note it
INPUT:
  - course: which course
RECORD moon landed FOR course
""",
        """
FEATURE: Note it
INPUT:
  - course: which course
RECORD content viewed FOR course
""",
    ),
    Page(
        "E411",
        "A value is not what the type allows",
        "Each property has its own shape and bounds.",
        """
FEATURE: Open a site
CREATE website called "Morning choir" WITH url "somewhere"
""",
        """
FEATURE: Open a site
CREATE website called "Morning choir" WITH url "https://choir.example"
""",
    ),
    Page(
        "E412",
        "A fact of money or tokens is written by hand",
        "That somebody paid, bought or holds something is written when it happens: by a payment, "
        "a grant of tokens or a mint. RECORD and CONNECT may say more of it on a later line.",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
CONNECT buyer to course as purchased
""",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
CALL Stripe to charge WITH amount $20, customer buyer
CONNECT buyer to course as purchased
""",
    ),
    Page(
        "E420",
        "An old or loose name is written as its own",
        "ONE knows many names for an event or a relation and writes the one of the ontology, with "
        "what the name says kept beside it.",
        """
FEATURE: Note it
INPUT:
  - fan: who helped
  - lesson: which lesson
RECORD lesson completed BY fan FOR lesson
""",
        """
FEATURE: Note it
INPUT:
  - fan: who helped
  - lesson: which lesson
RECORD progress updated BY fan FOR lesson WITH progress 100%
""",
    ),
    Page(
        "E421",
        "A property of your own",
        "The type has no property of this name. It is kept as one of your own, which begins with "
        "x_.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH favourite song "Scarborough Fair"
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary "We sing Scarborough Fair"
""",
    ),
    Page(
        "E422",
        "The ends of a relation are turned",
        "The relation fits only the other way round, so it is written so.",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - course: which course
CONNECT course to guest as enrolled
""",
        """
FEATURE: Join
INPUT:
  - guest: who comes in
  - course: which course
CONNECT guest to course as enrolled
""",
    ),
    Page(
        "E423",
        "A relation is taken, as none is said",
        "Only one relation fits, or one is meant far more often than the others.",
        """
FEATURE: Leave
INPUT:
  - guest: who goes
  - community: which one
REMOVE guest FROM community
""",
        """
FEATURE: Leave
INPUT:
  - guest: who goes
  - community: which one
DISCONNECT guest from community as member
""",
    ),
    Page(
        "E425",
        "The flow goes on after this check",
        "OTHERWISE say ends the run when a check fails. OTHERWISE with another command does that "
        "command, and the flow goes on.",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
CHECK guest follows me
  OTHERWISE NOTIFY me ABOUT "A stranger came"
NOTIFY guest ABOUT "Hello"
""",
        """
FEATURE: Welcome
INPUT:
  - guest: who comes in
CHECK guest follows me
  OTHERWISE say "Follow me first"
NOTIFY guest ABOUT "Hello"
""",
    ),
    Page(
        "E426",
        "A word without quotes is taken as text",
        "The property is a text and nothing is called by this word, so it is the text. Put "
        "quotes around it to say so.",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary cheerful
""",
        """
FEATURE: Open a choir
CREATE community called "Morning choir"
  WITH summary "cheerful"
""",
    ),
    Page(
        "E427",
        "An unknown happening is waited for as a signal",
        "What WAIT UNTIL names is no event that I know, so it is taken as a signal of that name, "
        "which somebody or something else sends. Name an event to wait for that instead.",
        """
FEATURE: Wait for the word
INPUT:
  - fan: who we wait for
WAIT until fan reviews analysis TIMEOUT after 24 hours
NOTIFY fan ABOUT "Thank you"
""",
        """
FEATURE: Wait for the word
INPUT:
  - fan: who we wait for
WAIT until payment is completed TIMEOUT after 24 hours
NOTIFY fan ABOUT "Thank you"
""",
    ),
)
