"""E8xx: services outside, and secrets."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E801",
        "A service is not known",
        "CALL asks one of the services that are set up here; `one words` lists them with what "
        "they can do.",
        """
FEATURE: Sum up
INPUT:
  - notes: text of the notes
CALL Opnai to summarize WITH notes
""",
        """
FEATURE: Sum up
INPUT:
  - notes: text of the notes
CALL OpenAI to summarize WITH notes
""",
    ),
    Page(
        "E802",
        "A service can't do this",
        "Each service has its own actions. A language model takes any instruction.",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to juggle WITH buyer
""",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH amount $20, customer buyer
""",
    ),
    Page(
        "E803",
        "A service needs something that is not there",
        "Say it with WITH, or save it under its name on an earlier line.",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH customer buyer
""",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH amount $20, customer buyer
""",
    ),
    Page(
        "E804",
        "No language model is set up",
        "The feature asks a language model and none is set up here. It can be written and "
        "checked; it can't be deployed to production yet.",
        """
FEATURE: Sum up
INPUT:
  - notes: text of the notes
CALL OpenAI to summarize WITH notes
  SAVE AS summary
GIVE summary
""",
        """
FEATURE: Sum up
INPUT:
  - notes: text of the notes
GIVE notes
""",
    ),
    Page(
        "E805",
        "Something looks like a key or a password",
        "A text is read by many. Keys belong into the settings of the deployment, where the "
        "service finds them.",
        """
FEATURE: Pay
NOTIFY me ABOUT "The password: correct-horse-battery"
""",
        """
FEATURE: Pay
NOTIFY me ABOUT "The key is in the settings"
""",
    ),
    Page(
        "E806",
        "A remark holds something like a key or a password",
        "Remarks are read by many too. Take it out, and change the key if it was real.",
        """
FEATURE: Pay
# The password: correct-horse-battery
NOTIFY me ABOUT "Paid"
""",
        """
FEATURE: Pay
# The key is in the settings
NOTIFY me ABOUT "Paid"
""",
    ),
    Page(
        "E807",
        "A private value would be seen",
        "What is private (a prompt, an address, what a service knows somebody by) is kept from "
        "everybody else. A prompt may tell a model what to do, a message may go to an address, and "
        "a service may get its own ids; nothing else. Give the thing itself instead.",
        """
FEATURE: Show how my clone thinks
INPUT:
  - clone: which AI clone
GIVE clone's system prompt
""",
        """
FEATURE: Let my clone answer
INPUT:
  - clone: which AI clone
  - question: text
CALL OpenAI to answer WITH question, system clone's system prompt SAVE AS reply
GIVE reply
""",
    ),
    Page(
        "E822",
        "A value goes along as a note",
        "The action has no parameter of this name. The value travels with the call as a note.",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH amount $20, customer buyer, mood "good"
""",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH amount $20, customer buyer
""",
    ),
    Page(
        "E823",
        "A service is found by what it does",
        "No service is named, and only one can do this.",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL charge payment WITH amount $20, customer buyer
""",
        """
FEATURE: Pay
INPUT:
  - buyer: who pays
CALL Stripe to charge WITH amount $20, customer buyer
""",
    ),
    Page(
        "E824",
        "Words of a call go nowhere",
        "What a service is to know stands after WITH, or is a value in the phrase. These words are "
        "neither, so the service never hears them.",
        """
FEATURE: Invite
INPUT:
  - guest: who comes
CALL email to send warm greetings WITH guest, subject "Join us"
""",
        """
FEATURE: Invite
INPUT:
  - guest: who comes
CALL email to send WITH guest, subject "Join us", body "Warm greetings"
""",
    ),
    Page(
        "E825",
        "A service doesn't do this yet",
        "It is known, and nobody does it here yet: the call fails each time, in the sandbox too. "
        "The message says why, and what to do instead.",
        """
FEATURE: Join the club
INPUT:
  - fan: who joins
CALL Stripe to subscribe fan for $15 a month
""",
        """
FEATURE: Join the club
INPUT:
  - fan: who joins
  - club: which membership
CALL Stripe to create checkout WITH club SAVE AS checkout
WAIT UNTIL the checkout is paid TIMEOUT after 24 hours
""",
    ),
    Page(
        "E826",
        "Nobody can be charged at once here",
        "The text is right, and a charge needs payments that take money at once: the sandbox does. "
        "With a key of Stripe's, and where no payments are set up, each is refused.",
        """
FEATURE: Book a lesson
INPUT:
  - fan: who books
CALL payment processor to charge $20 WITH customer fan
""",
        """
FEATURE: Book a lesson
INPUT:
  - fan: who books
  - lesson: which product
CALL payment processor to create checkout WITH lesson SAVE AS checkout
WAIT UNTIL the checkout is paid TIMEOUT after 24 hours
""",
    ),
)
