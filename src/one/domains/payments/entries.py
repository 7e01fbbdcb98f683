"""The facts of payments as entries of the journal: what each of them posts, and its reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from one.domains.payments.splits import Split
from one.store.journal import Entry, Kind, Mode, Posting


@dataclass(frozen=True, slots=True)
class About:
    """What a fact is about: of which sale, of what, in which money."""

    mode: Mode
    currency: str
    sale: UUID | None = None
    thing: UUID | None = None
    note: str = ""

    def entry(self, kind: Kind, reference: str, *, postings: Sequence[Posting]) -> Entry:
        return Entry(
            kind,
            reference,
            self.currency,
            self.mode,
            tuple(postings),
            self.sale,
            self.thing,
            self.note,
        )


def charge(about: About, id: str, *, split: Split) -> Entry:
    """A buyer paid: everybody's part is held for them."""
    return about.entry(
        "charge", f"charge:{id}", postings=[Posting("world", -split.total), *_parts(split)]
    )


def fee(about: About, id: str, *, amount: int) -> Entry:
    """The provider took its fee, out of what is the platform's; below zero: gave it back."""
    moved = (Posting("platform", -amount), Posting("fees", amount))
    return about.entry("fee", f"fee:{id}", postings=moved)


def refund(about: About, id: str, *, back: Split, loss: int = 0) -> Entry:
    """A buyer got money back, out of everybody's part; `loss` comes out of none of them."""
    moved = [Posting("world", back.total + loss), Posting("loss", -loss)]
    return about.entry("refund", f"refund:{id}", postings=[*moved, *_parts(back, -1)])


def refund_failed(about: About, id: str, *, back: Split, loss: int = 0) -> Entry:
    """It never reached the buyer, and is everybody's again."""
    moved = [Posting("world", -back.total - loss), Posting("loss", loss)]
    return about.entry("refund_failed", f"refund:{id}:failed", postings=[*moved, *_parts(back)])


def transfer(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """What is held for somebody went to their account at the provider."""
    moved = (Posting("held", -amount, party), Posting("connected", amount, party))
    return about.entry("transfer", f"transfer:{id}", postings=moved)


def reversal(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """It came back from there."""
    moved = (Posting("connected", -amount, party), Posting("held", amount, party))
    return about.entry("reversal", f"reversal:{id}", postings=moved)


def debt(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """It couldn't come back: somebody owes it."""
    moved = (Posting("held", amount, party), Posting("debt", -amount, party))
    return about.entry("debt", f"debt:{id}", postings=moved)


def netting(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """What somebody owes was taken off what is held for them."""
    moved = (Posting("held", -amount, party), Posting("debt", amount, party))
    return about.entry("netting", f"netting:{id}", postings=moved)


def dispute(about: About, id: str, *, back: Split, loss: int = 0) -> Entry:
    """A buyer's bank took money back, and hasn't decided."""
    moved = [Posting("disputed", back.total + loss), Posting("loss", -loss)]
    return about.entry("dispute", f"dispute:{id}:withdrawn", postings=[*moved, *_parts(back, -1)])


def dispute_won(about: About, id: str, *, back: Split, loss: int = 0) -> Entry:
    """The bank gave it back: everybody's part is theirs again."""
    moved = [Posting("disputed", -back.total - loss), Posting("loss", loss)]
    return about.entry("dispute_won", f"dispute:{id}:reinstated", postings=[*moved, *_parts(back)])


def dispute_lost(about: About, id: str, *, amount: int) -> Entry:
    """The bank left it with the buyer."""
    moved = (Posting("disputed", -amount), Posting("world", amount))
    return about.entry("dispute_lost", f"dispute:{id}:lost", postings=moved)


def payout(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """Somebody's account at the provider paid out to their bank."""
    moved = (Posting("connected", -amount, party), Posting("bank", amount, party))
    return about.entry("payout", f"payout:{id}", postings=moved)


def payout_failed(about: About, id: str, *, party: UUID, amount: int) -> Entry:
    """Their bank sent it back."""
    moved = (Posting("bank", -amount, party), Posting("connected", amount, party))
    return about.entry("payout_failed", f"payout:{id}:failed", postings=moved)


def _parts(split: Split, sign: int = 1) -> list[Posting]:
    postings = [Posting("held", sign * part, owner) for owner, part in split.owners.items()]
    if split.referral:
        postings.append(Posting("held", sign * split.referral, split.referrer, "referral"))
    postings += [Posting("platform", sign * split.platform), Posting("tax", sign * split.tax)]
    return postings
