"""E7xx: what happens together, and what undoes it."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E701",
        "An undo that undoes nothing",
        "Each step under IF ANY FAIL undoes a call that stands before it in DO TOGETHER: refund "
        "undoes charge, burn undoes mint.",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CONNECT buyer to course as enrolled
IF ANY FAIL:
  - CALL Stripe to refund
""",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CALL Stripe to charge WITH amount $20, customer buyer
  - CONNECT buyer to course as enrolled
IF ANY FAIL:
  - CALL Stripe to refund
""",
    ),
    Page(
        "E702",
        "What can't be undone must come last",
        "When a later step fails, everything before it is undone. A mail can't be taken back, so "
        "it comes last, or IF ANY FAIL says what makes up for it.",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CALL Email to send WITH to buyer, subject "Your seat", body "It is yours"
  - CALL Stripe to charge WITH amount $20, customer buyer
  - CONNECT buyer to course as enrolled
""",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CALL Stripe to charge WITH amount $20, customer buyer
  - CONNECT buyer to course as enrolled
""",
    ),
    Page(
        "E703",
        "Nothing is known that undoes this",
        "A step of DO TOGETHER must be undone when a later one fails. Say under IF ANY FAIL what "
        "undoes it. The actions of the services that come with ONE all know their counterpart.",
        "",
        "",
    ),
    Page(
        "E704",
        "Something waits inside DO TOGETHER",
        "What stands under DO TOGETHER happens at once or not at all, so it can't be held open for "
        "hours. Wait before it or after it.",
        """
FEATURE: Enrol after a day
INPUT:
  - pupil: who learns
  - course: which course
DO TOGETHER:
  WAIT 1 day
  CONNECT pupil to course as enrolled
""",
        """
FEATURE: Enrol after a day
INPUT:
  - pupil: who learns
  - course: which course
WAIT 1 day
DO TOGETHER:
  CONNECT pupil to course as enrolled
  NOTIFY pupil ABOUT "You are in"
""",
    ),
    Page(
        "E720",
        "The last step can't be undone",
        "Once it is done the run only goes forward: what comes after it is tried until it works.",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CALL Stripe to charge WITH amount $20, customer buyer
  - CONNECT buyer to course as enrolled
  - CALL Email to send WITH to buyer, subject "Your seat", body "It is yours"
""",
        """
FEATURE: Sell a seat
INPUT:
  - buyer: who pays
  - course: which course
DO TOGETHER:
  - CALL Stripe to charge WITH amount $20, customer buyer
  - CONNECT buyer to course as enrolled
""",
    ),
)
